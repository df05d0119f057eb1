using System.Text.RegularExpressions;
using Harness.Measuring.Yaml;

namespace Harness.Tests.Docs;

/// <summary>What the project's files say twice they say alike.</summary>
public sealed class ProjectFilesTests
{
    [Theory]
    [InlineData("CITATION.cff", "^version: (.+)$", "Directory.Build.props", "<Version>(.+)</Version>")]
    [InlineData("Dockerfile", "^FROM .*/dotnet/sdk:([0-9.]+)", "global.json", "\"version\": \"([0-9.]+)\"")]
    public void Versions_agree(string file, string pattern, string source, string original) =>
        Assert.Equal(Find(source, original), Find(file, pattern));

    [Theory]
    [InlineData("CITATION.cff", new[] { "cff-version", "message", "title", "authors" })]
    [InlineData(".github/workflows/ci.yml", new[] { "on", "permissions", "jobs" })]
    public void Are_yaml_with_the_keys_that_their_readers_need(string file, string[] keys)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadText(Clone.Read(file), file, errors);
        errors.ThrowIfAny();
        Assert.Subset(map!.Keys.ToHashSet(), keys.ToHashSet());
    }

    private static string Find(string file, string pattern) =>
        Regex.Match(Clone.Read(file), pattern, RegexOptions.Multiline).Groups[1].Value;
}
