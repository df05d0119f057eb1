using Harness.Build.Testing;

namespace Harness.Tests.Testing;

public sealed class TestRunTests : IDisposable
{
    private readonly string log = Path.GetTempFileName();

    [Theory]
    [InlineData(12, 0, 0, 12, 0)]
    [InlineData(10, 2, 1, 10, 2)]
    [InlineData(12, 0, 1, 12, 1)]
    public void Counts_come_from_the_log_and_a_runner_that_failed_is_never_a_success(
        int passed, int failed, int exitCode, int expectedPassed, int expectedFailed)
    {
        File.WriteAllText(log, $"""
            <TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><ResultSummary>
            <Counters total="{passed + failed}" executed="{passed + failed}" passed="{passed}" failed="{failed}" error="0" timeout="0" aborted="0" />
            </ResultSummary></TestRun>
            """);
        Assert.Equal(new TestRun(expectedPassed, expectedFailed), TestRun.Read(log, exitCode));
    }

    [Fact]
    public void A_missing_log_is_a_failure() => Assert.Equal(new TestRun(0, 1), TestRun.Read(log + ".missing", 0));

    public void Dispose() => File.Delete(log);
}
