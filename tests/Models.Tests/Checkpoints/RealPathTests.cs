using Harness.Models.Checkpoints;

namespace Harness.Tests.Checkpoints;

public sealed class RealPathTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory();
    private readonly string model;

    public RealPathTests() => model = Directory.CreateDirectory(At("model")).FullName;

    [Theory]
    [InlineData("model", true)]
    [InlineData("model/", true)]
    [InlineData("model/a/b", true)]
    [InlineData("model/../model/a", true)]
    [InlineData("model-edited", false)]
    [InlineData("mode", false)]
    [InlineData("link/edited", true)]
    [InlineData("link/../edited", false)]
    [InlineData("second", true)]
    [InlineData("second/not/there/yet", true)]
    [InlineData("relative/edited", true)]
    [InlineData("up/model/edited", true)]
    [InlineData("up/edited", false)]
    [InlineData("dangling/edited", false)]
    [InlineData("", false)]
    public void A_folder_is_what_its_links_lead_to(string path, bool isInside)
    {
        Directory.CreateDirectory(At("elsewhere"));
        Directory.CreateSymbolicLink(At("link"), model);
        Directory.CreateSymbolicLink(At("second"), At("link"));
        Directory.CreateSymbolicLink(At("relative"), "elsewhere/../model");
        Directory.CreateSymbolicLink(At("up"), root.FullName);
        Directory.CreateSymbolicLink(At("dangling"), At("gone"));
        foreach (var folder in (string[])["model", "link", "relative", "up/second/"])
            Assert.Equal(isInside, RealPath.IsInside(At(path), At(folder)));
    }

    [Fact]
    public void Links_within_what_is_not_there_yet_are_followed()
    {
        Directory.CreateSymbolicLink(At("dangling"), At("model/new"));
        Assert.True(RealPath.IsInside(At("dangling/edited"), model));
        Assert.Equal(Path.Combine(RealPath.Resolve(model), "new", "edited"), RealPath.Resolve(At("dangling/edited")));
    }

    [Fact]
    public void The_root_holds_everything() => Assert.True(RealPath.IsInside(model, Path.GetPathRoot(model)!));

    [Fact]
    public void A_circle_is_an_error()
    {
        Directory.CreateSymbolicLink(At("a"), At("b"));
        Directory.CreateSymbolicLink(At("b"), At("a"));
        Assert.Matches(
            $"^{At("a")}/x: found links that lead in a circle, expected a folder; remove the link {root.FullName}/[ab]$",
            Assert.Throws<InputException>(() => RealPath.Resolve(At("a/x"))).Message);
    }

    [Theory]
    [InlineData("edited", "edited")]
    [InlineData("./~", "./~")]
    [InlineData("a/~/b", "a/~/b")]
    [InlineData("~", "HOME")]
    [InlineData("~/edited", "HOME/edited")]
    public void A_tilde_is_the_home_folder(string path, string expected) =>
        Assert.Equal(expected.Replace("HOME", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), StringComparison.Ordinal),
            RealPath.WithHome(path));

    [Fact]
    public void Another_users_folder_is_not_guessed() => Assert.Equal(
        "~ada/edited: found ~ada, which only a shell can look up, expected a path; " +
            "write the folder out, or ./~ada for a name that begins so",
        Assert.Throws<InputException>(() => RealPath.WithHome("~ada/edited")).Message);

    public void Dispose() => root.Delete(recursive: true);

    private string At(string path) => Path.Combine(root.FullName, path);
}
