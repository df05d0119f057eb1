using System.Text.RegularExpressions;

namespace Harness.Tests.Docs;

/// <summary>Paths and links in the guides lead somewhere.</summary>
public sealed partial class PathTests
{
    [Theory]
    [MemberData(nameof(Clone.Documents), MemberType = typeof(Clone))]
    public void Every_path_exists(string document)
    {
        var text = Clone.Read(document);
        var folder = Path.GetDirectoryName(document)!;
        string[] paths =
        [
            .. Quoted().Matches(text).Select(match => match.Groups["path"].Value),
            .. Link().Matches(text).Select(match => match.Groups["path"].Value.Split('#')[0]).Where(path => path.Length > 0)
                .Select(path => Path.Combine(folder, path)),
        ];
        Assert.Empty(paths.Where(path => !Path.Exists(Clone.At(path))).Select(path => $"{document} names {path}, which does not exist"));
    }

    // A path with <something> in it is the reader's own.
    [GeneratedRegex(@"`(?<path>(?:src|build|tests|experiments|docs|\.ci|\.github)/[^`<>*{}\s]*)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\]\((?!https?:)(?<path>[^)\s]+)\)")]
    private static partial Regex Link();
}
