using Harness.Experiments.Planning;

namespace Harness.Experiments.Tests.Planning;

public sealed class NumericsClassTests
{
    [Fact]
    public void The_class_is_twelve_hexadecimal_digits() => Assert.Matches("^[0-9a-f]{12}$", NumericsClass.Current);

    [Fact]
    public void A_libtorch_without_CUDA_says_so_before_anything_is_planned()
    {
        if (TorchSharp.torch.cuda.is_available())
        {
            Assert.Matches("^cuda-[0-9a-f]{12}$", KeyContext.For(KeyContext.Cuda).Numerics);
            return;
        }

        Assert.Equal(
            $"--device=cuda: found no CUDA device in libtorch {NumericsClass.Libtorch}, expected at least one; set LIBTORCH to the torch folder of a "
            + "PyTorch with CUDA on a machine with an NVIDIA GPU, or leave --device out",
            Assert.Throws<InputException>(() => KeyContext.For(KeyContext.Cuda)).Message);
    }

    [Fact]
    public void Libtorch_says_its_version() => Assert.Matches(@"^\d+\.\d+", NumericsClass.Libtorch);

    [Fact]
    public void The_context_of_this_process_hashes_the_assemblies_that_compute() => Assert.Equal(
        ["Harness.Editing", "Harness.Models", "Harness.Studies", "TorchSharp"],
        KeyContext.Current.Assemblies.Where(assembly => assembly.Value.Length == 64).Select(assembly => assembly.Key));
}
