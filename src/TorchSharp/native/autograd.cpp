// What the operator registry does not reach: tensor facts, gradients, modes, generators, threads and devices.
#include "shim.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>

// Present where the BLAS is OpenBLAS, which keeps its own threads.
extern "C" void openblas_set_num_threads(int) __attribute__((weak));

using namespace harness;

HARNESS_API int harness_info(void* handle, Info* info) {
    return guarded([&] {
        auto tensor = borrow(handle);
        info->sizes = tensor.sizes().data();
        info->strides = tensor.strides().data();
        info->elements = tensor.numel();
        info->dimensions = static_cast<int32_t>(tensor.dim());
        info->element_size = static_cast<int32_t>(tensor.element_size());
        info->type = static_cast<int32_t>(tensor.scalar_type());
        info->device_type = static_cast<int32_t>(tensor.device().type());
        info->device_index = tensor.device().index();
        info->flags = (tensor.requires_grad() ? 1 : 0) | (tensor.is_leaf() ? 2 : 0) | (tensor.is_contiguous() ? 4 : 0) |
            (tensor.is_inference() ? 8 : 0);
    });
}

HARNESS_API int harness_data(void* tensor, void** data) {
    return guarded([&] { *data = borrow(tensor).data_ptr(); });
}

HARNESS_API int harness_item(void* tensor, Value* item) {
    return guarded([&] {
        auto scalar = borrow(tensor).item();
        if (scalar.isFloatingPoint()) {
            item->tag = Real;
            item->real = scalar.toDouble();
        } else {
            item->tag = scalar.isBoolean() ? Boolean : Integer;
            item->integer = scalar.toLong();
        }
    });
}

HARNESS_API int harness_set_requires_grad(void* tensor, int32_t requires_grad) {
    return guarded([&] { borrow(tensor).set_requires_grad(requires_grad != 0); });
}

// Null where there is no gradient.
HARNESS_API int harness_gradient(void* tensor, void** gradient) {
    return guarded([&] {
        const auto& found = borrow(tensor).mutable_grad();
        *gradient = found.defined() ? wrap(found) : nullptr;
    });
}

HARNESS_API int harness_set_gradient(void* tensor, void* gradient) {
    return guarded([&] { borrow(tensor).mutable_grad() = borrow(gradient); });
}

HARNESS_API int harness_backward(const Value* outputs, const Value* seeds, int32_t retain, int32_t create, const Value* inputs) {
    return guarded([&] {
        torch::autograd::backward(borrow_all(*outputs), borrow_all(*seeds), retain != 0, create != 0, borrow_all(*inputs));
    });
}

// `gradients` has room for one handle per input; null where an input was not used.
HARNESS_API int harness_gradients(
    const Value* outputs, const Value* inputs, const Value* seeds, int32_t retain, int32_t create, int32_t unused, void** gradients) {
    return guarded([&] {
        auto found = torch::autograd::grad(
            borrow_all(*outputs), borrow_all(*inputs), borrow_all(*seeds), retain != 0, create != 0, unused != 0);
        for (size_t i = 0; i < found.size(); i++)
            gradients[i] = found[i].defined() ? wrap(std::move(found[i])) : nullptr;
    });
}

HARNESS_API int32_t harness_grad_enabled() { return c10::GradMode::is_enabled(); }

HARNESS_API void harness_enable_grad(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }

HARNESS_API int harness_inference_enter(int32_t enabled, void** guard) {
    return guarded([&] { *guard = new c10::InferenceMode(enabled != 0); });
}

HARNESS_API void harness_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

HARNESS_API int harness_generator(uint64_t seed, int32_t device_type, int32_t device_index, void** generator) {
    return guarded([&] {
        c10::Device device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index));
        auto made = device.is_cpu() ? at::make_generator<at::CPUGeneratorImpl>(seed) : at::globalContext().defaultGenerator(device).clone();
        made.set_current_seed(seed);
        *generator = new at::Generator(std::move(made));
    });
}

HARNESS_API void harness_generator_release(void* generator) { delete static_cast<at::Generator*>(generator); }

HARNESS_API int harness_generator_seed(void* generator, uint64_t seed) {
    return guarded([&] { static_cast<at::Generator*>(generator)->set_current_seed(seed); });
}

HARNESS_API uint64_t harness_generator_initial_seed(void* generator) { return static_cast<at::Generator*>(generator)->current_seed(); }

HARNESS_API int harness_generator_state(void* generator, void** state) {
    return guarded([&] { *state = wrap(static_cast<at::Generator*>(generator)->get_state()); });
}

HARNESS_API int harness_generator_set_state(void* generator, void* state) {
    return guarded([&] { static_cast<at::Generator*>(generator)->set_state(borrow(state)); });
}

HARNESS_API int harness_manual_seed(uint64_t seed) {
    return guarded([&] { at::manual_seed(seed); });
}

HARNESS_API int harness_set_threads(int32_t count) {
    return guarded([&] {
        at::set_num_threads(count);
        if (openblas_set_num_threads != nullptr)
            openblas_set_num_threads(count);
    });
}

HARNESS_API int32_t harness_threads() { return at::get_num_threads(); }

// Called once by the managed side. One thread unless the launcher said otherwise: parallelism comes from processes.
HARNESS_API int harness_start() {
    if (std::getenv("OMP_NUM_THREADS") != nullptr)
        return 0;
    return harness_set_threads(1);
}

HARNESS_API const char* harness_version() { return TORCH_VERSION; }

HARNESS_API int32_t harness_cuda_devices() {
    int32_t count = 0;
    return guarded([&] { count = static_cast<int32_t>(torch::cuda::device_count()); }) == 0 ? count : 0;
}

HARNESS_API int harness_cuda_seed(uint64_t seed) {
    return guarded([&] { torch::cuda::manual_seed_all(seed); });
}

HARNESS_API int harness_cuda_synchronize(int64_t device) {
    return guarded([&] { torch::cuda::synchronize(device); });
}
