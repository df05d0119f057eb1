using Harness.Models.Torch;
using Harness.Planning;
using Harness.Running;

namespace Harness.Tests.Planning;

public sealed class NumericsClassTests
{
    [Fact]
    public void The_class_is_twelve_hexadecimal_digits_behind_what_is_known_of_them()
    {
        var known = NumericsClass.Prefix(KeyContext.Cpu, NumericsEnvironment.IsPinned, Libtorch.IsVendorAnswered);
        Assert.Matches($"^{known}[0-9a-f]{{12}}$", NumericsClass.Current);
    }

    [Theory]
    [InlineData("cpu", true, true, "")]
    [InlineData("cpu", true, false, "native-")]
    [InlineData("cpu", false, true, "fast-")]
    [InlineData("cpu", false, false, "fast-")]
    [InlineData("cuda", true, false, "cuda-")]
    [InlineData("cuda", false, true, "fast-cuda-")]
    public void A_class_that_other_machines_cannot_be_expected_to_have_says_so(
        string device, bool isPinned, bool isVendorAnswered, string prefix)
    {
        Assert.Equal(prefix, NumericsClass.Prefix(device, isPinned, isVendorAnswered));
        Assert.Equal(!isPinned, NumericsClass.IsFast(prefix + "0123456789ab"));
    }

    [Fact]
    public void Every_part_of_the_canary_is_another_computation_and_gives_the_same_bytes_again()
    {
        var parts = NumericsClass.Parts().ToList();
        Assert.Equal(parts, NumericsClass.Parts());
        Assert.Equal(parts.Count, parts.Select(part => part.Split(' ')[0]).Distinct().Count());
        Assert.Equal(parts.Count, parts.Select(part => part.Split(' ', 2)[1]).Distinct().Count());
        foreach (var type in (string[])["float32", "float64"])
            foreach (var name in (string[])["product 3x5x7", "product 33x64x17 transposed", "matrix-vector", "batched", "cholesky",
                "solve", "inverse", "eigh", "svd", "qr"])
                Assert.Contains(parts, part => part.EndsWith($" {type} {name}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_libtorch_without_CUDA_says_so_before_anything_is_planned()
    {
        if (TorchSharp.torch.cuda.is_available())
        {
            Assert.Matches("^cuda-[0-9a-f]{12}$", KeyContext.For(KeyContext.Cuda).Numerics);
            return;
        }

        Assert.Equal(
            $"--device=cuda: found no CUDA device in libtorch {NumericsClass.Libtorch}, expected at least one; build with TORCH=cuda "
            + "on a machine with an NVIDIA GPU, or leave --device out",
            Assert.Throws<InputException>(() => KeyContext.For(KeyContext.Cuda)).Message);
    }

    [Fact]
    public void Libtorch_says_its_version() => Assert.Matches(@"^\d+\.\d+", NumericsClass.Libtorch);
}
