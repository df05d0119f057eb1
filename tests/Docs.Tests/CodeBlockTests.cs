using System.Text.RegularExpressions;

namespace Harness.Tests.Docs;

/// <summary>Code in the guides is code that is compiled and run: each block names the file that it stands in.</summary>
public sealed partial class CodeBlockTests
{
    [Theory]
    [MemberData(nameof(Clone.Documents), MemberType = typeof(Clone))]
    public void Shows_the_code_of_the_file_that_it_names(string document)
    {
        foreach (Match block in Fence().Matches(Clone.Read(document)))
        {
            var file = block.Groups["file"].Value.Trim();
            Assert.True(file.Length > 0, $"{document}: a {block.Groups["language"].Value} block names no file; expected "
                + $"```{block.Groups["language"].Value} path/of/the/file, which holds the same lines:\n{block.Groups["code"].Value}");
            Assert.True(File.Exists(Clone.At(file)), $"{document}: a block shows {file}, which does not exist");
            Assert.True(Holds(Clone.Read(file), block.Groups["code"].Value),
                $"{document}: {file} does not hold these lines, one after another:\n{block.Groups["code"].Value}");
        }
    }

    [Theory]
    [InlineData("a\nb\n", true)]
    [InlineData("  a\n  b\n", true)]
    [InlineData("a\nc\n", false)]
    [InlineData("a\n  b\n", false)]
    [InlineData("b\n\nd\n", true)]
    public void Indentation_as_a_whole_does_not_matter(string code, bool isHeld) =>
        Assert.Equal(isHeld, Holds("x\n    a\n    b\n\n    d\n", code));

    // At whatever depth the file has them.
    private static bool Holds(string file, string code)
    {
        var wanted = Level(Lines(code));
        var lines = Lines(file);
        return Enumerable.Range(0, Math.Max(0, lines.Length - wanted.Length + 1))
            .Where(start => lines[start].TrimStart() == wanted[0].TrimStart())
            .Any(start => Level(lines[start..(start + wanted.Length)]).SequenceEqual(wanted));
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');

    private static string[] Level(string[] lines)
    {
        var depth = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return [.. lines.Select(line => line.Length > 0 ? line[depth..] : line)];
    }

    [GeneratedRegex(@"^```(?<language>csharp|yaml)(?<file>[^\n]*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
