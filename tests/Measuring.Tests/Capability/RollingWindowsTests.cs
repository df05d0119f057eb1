using Harness.Measuring.Capability;

namespace Harness.Tests.Capability;

public sealed class RollingWindowsTests
{
    [Fact]
    public void Full_windows_follow_each_other_and_the_last_has_context()
    {
        var windows = RollingWindows.Of([1, 2, 3, 4, 5, 6, 7], 0, positions: 3);
        Assert.Equal([[0, 1, 2, 3], [3, 4, 5, 6], [4, 5, 6, 7]], windows.Select(window => window.Ids));
        Assert.Equal([1, 1, 3], windows.Select(window => window.TargetStart));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(100)]
    public void Every_token_is_predicted_once(int positions)
    {
        int[] ids = [.. Enumerable.Range(1, 17)];
        var windows = RollingWindows.Of(ids, 0, positions);
        Assert.Equal(ids, windows.SelectMany(window => window.Ids[window.TargetStart..]));
        Assert.All(windows, window => Assert.InRange(window.Ids.Length - 1, 1, positions));
    }

    [Fact]
    public void Nothing_has_no_windows() => Assert.Empty(RollingWindows.Of([], 0, 4));
}
