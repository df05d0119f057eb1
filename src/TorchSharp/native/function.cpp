// A function whose forward and backward are managed code, as one node of the autograd graph.
#include "shim.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>

namespace harness {

namespace {

namespace autograd = torch::autograd;

// std::shared_ptr, and in the newest releases c10::intrusive_ptr.
using NodePointer = decltype(autograd::Edge::function);

// Mirrored by TorchSharp.Interop.Callbacks. `backward` takes the gradient's handle over and gives one handle, or null, per argument;
// it returns null, or a handle to its exception. `released` ends the state.
struct Callbacks {
    void* (*backward)(void* state, void* gradient, void** gradients, int32_t count);
    void (*released)(void* state);
};

class ManagedNode : public autograd::Node {
public:
    ManagedNode(const Callbacks& callbacks, void* state, std::string title)
        : callbacks_(callbacks), state_(state), title_(std::move(title)) {}

    ~ManagedNode() override { callbacks_.released(state_); }

    std::string name() const override { return title_; }

    autograd::variable_list apply(autograd::variable_list&& gradients) override {
        auto gradient = gradients[0].defined() ? std::move(gradients[0]) : input_metadata(0).zeros_like();
        std::vector<void*> handles(num_outputs());
        if (auto exception = callbacks_.backward(state_, wrap(std::move(gradient)), handles.data(), static_cast<int32_t>(handles.size())))
            throw ManagedError(exception);
        autograd::variable_list found;
        for (auto handle : handles)
            found.push_back(take(handle));
        return found;
    }

    void release_variables() override {
        std::lock_guard<std::mutex> lock(mutex_);
        released_ = true;
        saved_.clear();
    }

    void save(const at::Tensor& tensor) { saved_.emplace_back(tensor, false); }

    void unpack(void** tensors) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (released_)
            throw std::runtime_error(autograd::ERR_BACKWARD_TWICE);
        for (const auto& tensor : saved_)
            *tensors++ = wrap(tensor.unpack());
    }

private:
    Callbacks callbacks_;
    void* state_;
    std::string title_;
    std::vector<autograd::SavedVariable> saved_;
    bool released_ = false;
};

// deleteNode, which those newest releases lack, frees a deep graph without recursion; it is found by its argument.
template <class Pointer, class Node>
Pointer own(Node* node) {
    if constexpr (std::is_same_v<Pointer, std::shared_ptr<autograd::Node>>)
        return Pointer(node, [](auto* last) { deleteNode(last); });
    else
        return Pointer::unsafe_steal_from_new(node);
}

}  // namespace

}  // namespace harness

using namespace harness;

// Ties what `forward` made to its arguments: `output` is a new handle to it, whose gradient goes through the state's backward. The
// node, which the graph owns, owns the state, also where this fails.
HARNESS_API int harness_function(
    const Callbacks* callbacks, void* state, const char* name, const Value* arguments, const Value* saved, void* made, void** node,
    void** output) {
    return guarded([&] {
        auto fresh = new ManagedNode(*callbacks, state, name);
        auto owner = own<NodePointer>(fresh);
        fresh->set_next_edges(autograd::collect_next_edges(borrow_all(*arguments)));
        for (const auto& tensor : borrow_all(*saved))
            fresh->save(tensor);
        auto result = borrow(made).detach();
        if (!at::isFloatingType(result.scalar_type()))
            throw std::invalid_argument(std::string(name) + ": forward made a tensor whose type has no gradients");
        autograd::set_history(result, owner);
        *node = fresh;
        *output = wrap(std::move(result));
    });
}

// What the node saved, one handle per tensor, while the graph still has it.
HARNESS_API int harness_function_saved(void* node, void** tensors) {
    return guarded([&] { static_cast<ManagedNode*>(node)->unpack(tensors); });
}
