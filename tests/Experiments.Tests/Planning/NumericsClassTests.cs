using Harness.Experiments.Planning;

namespace Harness.Experiments.Tests.Planning;

public sealed class NumericsClassTests
{
    [Fact]
    public void The_class_is_twelve_hexadecimal_digits() => Assert.Matches("^[0-9a-f]{12}$", NumericsClass.Current);

    [Fact]
    public void Libtorch_says_its_version() => Assert.Matches(@"^\d+\.\d+", NumericsClass.Libtorch);

    [Fact]
    public void The_context_of_this_process_hashes_the_assemblies_that_compute() => Assert.Equal(
        ["Harness.Editing", "Harness.Models", "Harness.Studies", "TorchSharp"],
        KeyContext.Current.Assemblies.Where(assembly => assembly.Value.Length == 64).Select(assembly => assembly.Key));
}
