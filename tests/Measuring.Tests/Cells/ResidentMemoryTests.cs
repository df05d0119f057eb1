using Harness.Measuring.Cells;

namespace Harness.Tests.Cells;

[Collection(nameof(ResidentMemoryTests))]
[CollectionDefinition(nameof(ResidentMemoryTests), DisableParallelization = true)] // what others free meanwhile would hide what it needs
public sealed class ResidentMemoryTests
{
    private const int Mebibytes = 96;

    [Fact]
    public void What_is_needed_for_a_while_is_seen_again_and_again()
    {
        for (var round = 0; round < 2; round++)
        {
            using var grown = new ResidentMemory();
            Use();
            Assert.InRange(grown.Peak(), Mebibytes * 0.9, Mebibytes * 4);
        }

        static void Use()
        {
            using var used = TorchSharp.torch.ones(Mebibytes << 18); // of four bytes
            Thread.Sleep(20);
        }
    }
}
