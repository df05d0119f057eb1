using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Harness.Models.Tokenizers;

/// <summary>
/// Says in .NET's syntax what an expression says to Oniguruma, which Hugging Face's library uses. Only what means the same in both, or can
/// be put so that it does, gets through: groups, look-around, alternatives, greedy quantifiers, classes (also nested, as in BLOOM's),
/// general categories, and letters without regard to case.
/// </summary>
internal sealed partial class OnigurumaSyntax
{
    private const int Longest = 4096;

    private static readonly string[] Openings = ["(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"];

    private static readonly HashSet<string> Categories = new(StringComparer.Ordinal)
    {
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn",
    };

    private readonly string source;
    private readonly StringBuilder result = new();
    private readonly Stack<bool> outerCase = new();
    private int at;
    private bool ignoresCase;

    private OnigurumaSyntax(string source) => this.source = source;

    /// <summary>The same expression for .NET, over one char per scalar.</summary>
    /// <exception cref="NotSupportedException">It has something that cannot be followed; the message says what.</exception>
    public static string Translate(string expression)
    {
        if (expression.Length > Longest) throw new NotSupportedException($"an expression of {expression.Length} characters");
        var syntax = new OnigurumaSyntax(expression);
        while (syntax.at < expression.Length) syntax.Next();
        return syntax.result.ToString();
    }

    private void Next()
    {
        switch (source[at])
        {
            case '(':
                Open();
                break;
            case ')':
                at++;
                result.Append(')');
                ignoresCase = outerCase.TryPop(out var outer) && outer;
                break;
            case '|' or '.':
                result.Append(source[at++]);
                break;
            case '?' or '*' or '+' or '{':
                Quantify();
                break;
            case '^' or '$':
                throw Unfollowed($"the anchor {source[at]}");
            case '[':
                if (ignoresCase) throw Unfollowed("a class without regard to case");
                result.Append('[');
                ReadClass(nested: false);
                result.Append(']');
                break;
            default:
                var (set, first) = ReadOne();
                result.Append(set ?? (ignoresCase ? WithoutCase(first) : Regex.Escape(first.ToString())));
                break;
        }
    }

    private void Open()
    {
        var opening = Openings.FirstOrDefault(known => source.AsSpan(at).StartsWith(known, StringComparison.Ordinal)) ?? "(";
        at += opening.Length;
        if (opening == "(" && at < source.Length && source[at] == '?') throw Unfollowed($"the group {Shown(at - 1, 4)}");
        outerCase.Push(ignoresCase);
        ignoresCase |= opening == "(?i:";
        result.Append(opening is "(" or "(?i:" ? "(?:" : opening);
    }

    private void Quantify()
    {
        var match = Quantifier().Match(source, at);
        if (!match.Success || match.Index != at) throw Unfollowed($"the quantifier {Shown(at, 4)}");
        at += match.Length;
        var isQuantified = at < source.Length && source[at] is '?' or '*' or '+' or '{';
        if (isQuantified) throw Unfollowed($"the quantifier {Shown(match.Index, match.Length + 1)}");
        result.Append(match.Value);
    }

    // Nested classes are unions in Oniguruma: their content joins the outer class.
    private void ReadClass(bool nested)
    {
        var start = at++;
        if (at < source.Length && source[at] == '^')
        {
            if (nested) throw Unfollowed("a negated class in a class");
            result.Append(source[at++]);
        }

        if (at < source.Length && source[at] is ']' or ':') throw Unfollowed($"the class {Shown(start, 3)}");
        while (at < source.Length && source[at] != ']')
        {
            if (source[at] == '[') ReadClass(nested: true);
            else if (source[at] == '&' && Shown(at, 2) == "&&") throw Unfollowed("an intersection of classes");
            else ReadMember();
        }

        if (at++ >= source.Length) throw Unfollowed("a class without its end");
    }

    private void ReadMember()
    {
        var (set, first) = ReadOne();
        if (set is not null)
        {
            result.Append(set);
            return;
        }

        result.Append(InClass(first));
        if (at + 1 >= source.Length || source[at] != '-' || source[at + 1] == ']') return;
        at++;
        var (end, last) = source[at] == '[' ? ("[", default) : ReadOne();
        if (end is not null) throw Unfollowed("a range that does not end in a character");
        if (ScalarProxy.HasStandIn(first, last)) throw Unfollowed($"the range {first}-{last}");
        result.Append('-').Append(InClass(last));
    }

    // A set in .NET's spelling, or one character.
    private (string? Set, char Character) ReadOne()
    {
        var character = source[at++];
        if (character == '\\')
        {
            if (at == source.Length) throw Unfollowed("a backslash without its letter");
            character = source[at++];
            if (character is 's' or 'S' or 'd' or 'D') return ("\\" + character, default);
            if (character is 'p' or 'P') return ($"\\{character}{{{ReadCategory()}}}", default);
            character = character switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'f' => '\f',
                'u' => ReadHex(),
                _ when !char.IsLetterOrDigit(character) => character,
                _ => throw Unfollowed($"the escape \\{character}"),
            };
        }

        if (char.IsSurrogate(character)) throw Unfollowed("a character outside the basic plane");
        return ScalarProxy.HasStandIn(character, character) ? throw Unfollowed($"the character {character}") : (null, character);
    }

    private string ReadCategory()
    {
        var end = at < source.Length && source[at] == '{' ? source.IndexOf('}', at) : -1;
        var name = end < 0 ? "" : source[(at + 1)..end];
        if (!Categories.Contains(name)) throw Unfollowed($"the property {Shown(at - 2, Math.Max(3, end - at + 3))}");
        at = end + 1;
        return name;
    }

    private char ReadHex()
    {
        var digits = Shown(at, 4);
        var known = ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value);
        if (!known || digits.Length < 4) throw Unfollowed($"the escape \\u{digits}");
        at += digits.Length;
        return (char)value;
    }

    // Unicode's simple folding, as Oniguruma has it: the long s and the Kelvin sign are letters of the Latin alphabet too.
    private string WithoutCase(char character)
    {
        if (!char.IsAscii(character)) throw Unfollowed($"'{character}' without regard to case");
        if (!char.IsAsciiLetter(character)) return Regex.Escape(character.ToString());
        var lower = char.ToLowerInvariant(character);

        // One character (ß, ﬁ …) can stand for these pairs in Oniguruma.
        var pair = at < source.Length ? $"{lower}{char.ToLowerInvariant(source[at])}" : "";
        if (pair is "ss" or "st" or "ff" or "fi" or "fl") throw Unfollowed($"'{pair}' without regard to case");
        return $"[{lower}{char.ToUpperInvariant(character)}{lower switch { 's' => "\u017F", 'k' => "\u212A", _ => "" }}]";
    }

    private static string InClass(char character) =>
        character is '\\' or '[' or ']' or '^' or '-' ? "\\" + character : character.ToString();

    private string Shown(int start, int length) => source.Substring(start, Math.Min(length, source.Length - start));

    private static NotSupportedException Unfollowed(string what) => new(what);

    [GeneratedRegex(@"\G(?:[?*+]|\{[0-9]+(?:,[0-9]*)?\})")]
    private static partial Regex Quantifier();
}
