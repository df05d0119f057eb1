// What the managed side and the shim agree on: tagged values, opaque handles and a status for every function.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace harness {

// Mirrored by TorchSharp.Native.Tag.
enum Tag : int32_t {
    None = 0, TensorTag = 1, Integer = 2, Real = 3, Boolean = 4, Integers = 5, Reals = 6, Tensors = 7, OptionalTensors = 8,
    DeviceTag = 9, Text = 10, GeneratorTag = 11
};

// Mirrored by TorchSharp.Native.Value. `count` is a list's length, a text's length in bytes or a device's type.
struct Value {
    int32_t tag;
    int32_t count;
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};

// Mirrored by TorchSharp.Native.Info. The two pointers live as long as the tensor keeps its shape.
struct Info {
    const int64_t* sizes;
    const int64_t* strides;
    int64_t elements;
    int32_t dimensions;
    int32_t element_size;
    int32_t type;
    int32_t device_type;
    int32_t device_index;
    int32_t flags;  // 1 requires grad, 2 leaf, 4 contiguous, 8 inference
};

// A tensor handle is one counted reference to its implementation: no second allocation per tensor.
void* wrap(at::Tensor tensor);
at::Tensor borrow(void* handle);
std::vector<at::Tensor> borrow_all(const Value& list);

// The tensor of a handle that nobody else holds; undefined for null.
at::Tensor take(void* handle);

// Managed code that libtorch called threw: a handle to its exception, on the way to the managed caller.
struct ManagedError : std::runtime_error {
    explicit ManagedError(void* exception) : std::runtime_error("managed code threw"), exception(exception) {}
    void* exception;
};

// What the last failed call on this thread left.
void remember(const std::string& text, void* exception = nullptr);

// Runs a body; no C++ exception leaves it. 0 is success.
template <class Body>
int guarded(Body&& body) noexcept {
    try {
        body();
        return 0;
    } catch (const ManagedError& error) {
        remember(error.what(), error.exception);
    } catch (const c10::Error& error) {
        remember(error.what_without_backtrace());
    } catch (const std::exception& error) {
        remember(error.what());
    } catch (...) {
        remember("an exception without a text");
    }
    return 1;
}

}  // namespace harness

#define HARNESS_API extern "C" __attribute__((visibility("default")))
