// Tensor handles and the boxed operator call: every ATen operator is reached through harness_call.
#include "shim.h"

#include <ATen/core/stack.h>
#include <c10/core/UndefinedTensorImpl.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

namespace harness {

namespace {

using Pointer = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;

std::atomic<int64_t> live_handles{0};
thread_local std::string last_error;
thread_local void* last_exception;
thread_local std::vector<c10::IValue> stack;
thread_local std::vector<Value> outputs;

// libtorch's optional: its own class before 2.2, the standard one since.
template <class T>
using Optional = decltype(std::declval<c10::IValue&>().toOptional<T>());

struct Operator {
    c10::OperatorHandle handle;
    std::vector<Optional<c10::IValue>> defaults;
};

c10::IValue unpack(const Value& value) {
    switch (value.tag) {
        case None: return {};
        case TensorTag: return borrow(value.pointer);
        case Integer: return value.integer;
        case Real: return value.real;
        case Boolean: return value.integer != 0;
        case Integers: {
            auto items = static_cast<const int64_t*>(value.pointer);
            return std::vector<int64_t>(items, items + value.count);
        }
        case Reals: {
            auto items = static_cast<const double*>(value.pointer);
            return std::vector<double>(items, items + value.count);
        }
        case Tensors: return borrow_all(value);
        case OptionalTensors: {
            c10::List<Optional<at::Tensor>> list;
            list.reserve(value.count);
            for (auto& tensor : borrow_all(value))
                list.push_back(tensor.defined() ? Optional<at::Tensor>(std::move(tensor)) : Optional<at::Tensor>());
            return list;
        }
        case DeviceTag:
            return c10::Device(static_cast<c10::DeviceType>(value.count), static_cast<c10::DeviceIndex>(value.integer));
        case Text: return std::string(static_cast<const char*>(value.pointer), value.count);
        case GeneratorTag: return *static_cast<const at::Generator*>(value.pointer);
        default: throw std::invalid_argument("unknown argument tag " + std::to_string(value.tag));
    }
}

void emit_tensor(at::Tensor tensor) {
    Value value{};
    if (tensor.defined()) {
        value.tag = TensorTag;
        value.pointer = wrap(std::move(tensor));
    }
    outputs.push_back(value);
}

void emit(c10::IValue&& result) {
    Value value{};
    if (result.isTensor()) {
        emit_tensor(std::move(result).toTensor());
        return;
    }
    if (result.isTensorList()) {
        for (const auto& tensor : result.toTensorVector())
            emit_tensor(tensor);
        return;
    }
    if (result.isInt()) {
        value.tag = Integer;
        value.integer = result.toInt();
    } else if (result.isDouble()) {
        value.tag = Real;
        value.real = result.toDouble();
    } else if (result.isBool()) {
        value.tag = Boolean;
        value.integer = result.toBool();
    } else if (!result.isNone()) {
        throw std::invalid_argument("result of type " + result.tagKind() + " is not supported");
    }
    outputs.push_back(value);
}

}  // namespace

void* wrap(at::Tensor tensor) {
    live_handles.fetch_add(1, std::memory_order_relaxed);
    return tensor.unsafeReleaseTensorImpl();
}

at::Tensor borrow(void* handle) {
    if (handle == nullptr)
        return {};
    return at::Tensor(Pointer::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}

std::vector<at::Tensor> borrow_all(const Value& list) {
    std::vector<at::Tensor> tensors;
    if (list.tag == None)
        return tensors;
    tensors.reserve(list.count);
    for (int32_t i = 0; i < list.count; i++)
        tensors.push_back(borrow(static_cast<void* const*>(list.pointer)[i]));
    return tensors;
}

at::Tensor take(void* handle) {
    if (handle == nullptr)
        return {};
    live_handles.fetch_sub(1, std::memory_order_relaxed);
    return at::Tensor(Pointer::reclaim(static_cast<at::TensorImpl*>(handle)));
}

void remember(const std::string& text, void* exception) {
    last_error = text.substr(0, text.find('\n'));
    last_exception = exception;
}

}  // namespace harness

using namespace harness;

HARNESS_API const char* harness_error() { return last_error.c_str(); }

// The managed exception behind the last failed call, where there is one. The caller takes the handle over.
HARNESS_API void* harness_exception() { return std::exchange(last_exception, nullptr); }

HARNESS_API int64_t harness_live() { return live_handles.load(std::memory_order_relaxed); }

HARNESS_API int harness_release(void* tensor) {
    return guarded([&] { take(tensor); });
}

// A second handle to the same tensor.
HARNESS_API int harness_alias(void* tensor, void** alias) {
    return guarded([&] { *alias = wrap(borrow(tensor)); });
}

// Null where this libtorch has no such schema.
HARNESS_API int harness_operator(const char* name, const char* overload, void** found) {
    return guarded([&] {
        *found = nullptr;
        auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
        if (!handle)
            return;
        auto made = std::make_unique<Operator>(Operator{*handle, {}});
        for (const auto& argument : handle->schema().arguments())
            made->defaults.push_back(argument.default_value());
        *found = made.release();
    });
}

// Arguments that are left out take the schema's defaults. The outputs, lists flattened, live until this thread's next call;
// where `results` is null they are dropped.
HARNESS_API int harness_call(void* callee, const Value* arguments, int32_t count, const Value** results, int32_t* result_count) {
    auto status = guarded([&] {
        const auto& op = *static_cast<const Operator*>(callee);
        if (count > static_cast<int32_t>(op.defaults.size()))
            throw std::invalid_argument("too many arguments: " + std::to_string(count) + " for " + std::to_string(op.defaults.size()));
        stack.clear();
        outputs.clear();
        for (int32_t i = 0; i < count; i++)
            stack.push_back(unpack(arguments[i]));
        for (size_t i = count; i < op.defaults.size(); i++) {
            if (!op.defaults[i])
                throw std::invalid_argument("argument '" + op.handle.schema().arguments()[i].name() + "' is missing");
            stack.push_back(*op.defaults[i]);
        }
        op.handle.callBoxed(&stack);
        if (results == nullptr)
            return;
        for (auto& result : stack)
            emit(std::move(result));
        *results = outputs.data();
        *result_count = static_cast<int32_t>(outputs.size());
    });
    stack.clear();
    return status;
}
