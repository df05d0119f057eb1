using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Refusals_name_the_operator_the_arguments_and_the_reason()
    {
        var error = Assert.ThrowsAny<ExternalException>(() => zeros(2, 3).matmul(zeros(4, 5, float64)));

        const string Call = "aten::matmul([2x3], type = Float32, device = cpu, [4x5], type = Float64, device = cpu): ";
        Assert.StartsWith(Call, error.Message, StringComparison.Ordinal);
        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Misuse_throws_and_the_process_goes_on()
    {
        var x = ones(2, 3);
        var places = tensor(new long[] { 9 });

        Assert.Throws<TorchException>(() => x.view(5));
        Assert.Throws<TorchException>(() => x.index_select(0, places));
        Assert.Throws<TorchException>(() => x.index_select(0, x));
        Assert.Throws<TorchException>(() => x.gather(1, places.view(1, 1)));
        Assert.Throws<TorchException>(() => nn.functional.cross_entropy(x, tensor(new long[] { 0, 3 })));
        Assert.Throws<TorchException>(() => x.add((torch.Tensor)null!));
        Assert.Throws<InvalidOperationException>(() => cat([x, null!]));
        Assert.Throws<TorchException>(() => x.transpose(0, 7));
        Assert.Throws<TorchException>(() => x.backward());
        Assert.Throws<TorchException>(() => arange(3).requires_grad_());
        Assert.Throws<TorchException>(() => linalg.inv(zeros(2, 2)));
        Assert.Throws<TorchException>(() => linalg.cholesky(-eye(2)));
        Assert.Throws<TorchException>(() => zeros([-1]));
        Assert.Throws<TorchException>(() => empty(long.MaxValue / 8));
        Assert.Throws<TorchException>(() => einsum("ij,jk", x));
        Assert.Throws<TorchException>(() => new Generator(1, new Device("cuda:77")));
        Assert.Throws<TorchException>(() => x.to(new Device(DeviceType.CUDA, 77)));
        Assert.Throws<TorchException>(() => from_file("/no/such/file", size: 1));
        Assert.Throws<InvalidOperationException>(() => zeros(2, device: META).bytes.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.size(2));
        Assert.Equal(6, x.sum().ToDouble());
    }

    [Fact]
    public void A_machine_without_cuda_says_so_and_refuses_its_device()
    {
        Assert.Equal(cuda.device_count() > 0, cuda.is_available());
        if (cuda.is_available())
            return;
        cuda.manual_seed_all(1);
        Assert.Throws<TorchException>(() => zeros(2, device: CUDA));
        Assert.Throws<TorchException>(() => tensor(new[] { 1f }, device: CUDA));
        Assert.Throws<TorchException>(() => ones(2).cuda());
        Assert.Throws<TorchException>(() => new Generator(1, CUDA));
        Assert.Throws<TorchException>(() => cuda.synchronize());
    }

    [Fact]
    public void Disposed_tensors_throw_and_the_message_says_where()
    {
        var x = ones(2);
        var gone = ones(2);
        gone.Dispose();
        gone.Dispose();

        var error = Assert.Throws<InvalidOperationException>(() => x.add(gone));

        Assert.Contains("aten::add.Tensor: argument 2", error.Message, StringComparison.Ordinal);
        Assert.True(gone.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => gone.shape);
        Assert.Throws<InvalidOperationException>(() => gone.grad);
        Assert.Throws<InvalidOperationException>(() => gone.add_(1));
        Assert.Throws<InvalidOperationException>(() => stack([x, gone]));
        Assert.Throws<InvalidOperationException>(() => gone.data<float>());
        var generator = new Generator(1);
        generator.Dispose();
        Assert.Throws<InvalidOperationException>(() => rand(2, generator: generator));
    }
}
