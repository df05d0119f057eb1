using Harness.Models.Torch;

namespace Harness.Tests.Torch;

public class LibtorchTests
{
    [Fact]
    public void Names_the_version_that_was_loaded() => Assert.Matches(@"^2\.10\.\d+$", Libtorch.Version);
}
