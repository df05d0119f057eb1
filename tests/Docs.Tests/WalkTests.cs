using System.Text.RegularExpressions;

namespace Harness.Tests.Docs;

/// <summary>Each stop of docs/how-it-works.md is where it says.</summary>
public sealed partial class WalkTests
{
    public static TheoryData<string> Stops { get; } =
    [
        .. Stop().Matches(Clone.Read("docs/how-it-works.md")).Select(stop => $"{stop.Groups["file"].Value} {stop.Groups["method"].Value}"),
    ];

    [Theory]
    [MemberData(nameof(Stops))]
    public void The_file_declares_the_method(string stop)
    {
        var (file, method) = stop.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException(stop, nameof(stop));
        Assert.True(File.Exists(Clone.At(file)), $"docs/how-it-works.md stops in {file}, which does not exist");
        var declaration = file.EndsWith(".cs", StringComparison.Ordinal)
            ? $@"^\s*(?:(?:public|internal|private|protected)\s[^=;{{]*?|[A-Z]\w*\s)\b{Regex.Escape(method)}(?:<\w+(?:,\s*\w+)*>)?\("
            : $@"^{Regex.Escape(method)}\(\)";
        Assert.True(
            Regex.IsMatch(Clone.Read(file), declaration, RegexOptions.Multiline), $"docs/how-it-works.md: {file} declares no {method}");
    }

    [Fact]
    public void Finds_the_stops() => Assert.True(Stops.Count > 30);

    [GeneratedRegex(@"^\|[^|]*\| `(?<file>[^`]+)` \| `(?<method>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Stop();
}
