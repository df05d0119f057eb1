namespace Harness.Downloads;

/// <summary>Where downloads are kept: <c>${XDG_CACHE_HOME:-~/.cache}/model-editing-harness</c>.</summary>
internal static class CacheFolder
{
    /// <summary>The folder, absolute; it need not exist.</summary>
    public static string Current()
    {
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(Path.IsPathFullyQualified(xdg ?? "") ? xdg! : Path.Combine(home, ".cache"), "model-editing-harness");
    }
}
