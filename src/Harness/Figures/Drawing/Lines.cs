namespace Harness.Figures.Drawing;

/// <summary>Breaks texts into lines that fit.</summary>
internal static class Lines
{
    private const string Dot = " · ";

    /// <summary>Lines of a width: broken between parts, which dots join, and inside of one only where it is too wide by itself.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Pixels of a line.</param>
    /// <param name="size">Size of the letters in pixels.</param>
    /// <param name="bold">Whether they are semi-bold.</param>
    public static IReadOnlyList<string> Of(string text, float width, float size, bool bold = false)
    {
        var lines = new List<string>();
        foreach (var part in text.Split(Dot))
        {
            if (lines.Count > 0 && Fits($"{lines[^1]}{Dot}{part}")) lines[^1] += Dot + part;
            else if (Fits(part)) lines.Add(part);
            else AddWords(part);
        }

        return lines;

        bool Fits(string line) => EmbeddedFont.Width(line, size, bold) <= width;

        void AddWords(string part)
        {
            lines.Add("");
            foreach (var word in part.Split(' '))
            {
                if (lines[^1].Length == 0) lines[^1] = word;
                else if (Fits($"{lines[^1]} {word}")) lines[^1] += $" {word}";
                else lines.Add(word);
            }
        }
    }

    /// <summary>A name in lines, broken behind hyphens: <c>dft-</c>, <c>lora</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="width">Pixels of a line.</param>
    public static string Hyphenated(string name, float width)
    {
        var lines = new List<string> { "" };
        foreach (var part in Parts(name))
        {
            if (lines[^1].Length == 0 || EmbeddedFont.Width(lines[^1] + part, Theme.Small) <= width) lines[^1] += part;
            else lines.Add(part);
        }

        return string.Join('\n', lines);
    }

    /// <summary>Pixels of the widest part of a name that cannot be broken.</summary>
    public static float Narrowest(string name) => Parts(name).Max(part => EmbeddedFont.Width(part, Theme.Small));

    private static IEnumerable<string> Parts(string name)
    {
        var parts = name.Split('-');
        return parts.Select((part, i) => i < parts.Length - 1 ? part + "-" : part);
    }
}
