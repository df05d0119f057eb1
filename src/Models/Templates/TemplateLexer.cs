using System.Globalization;
using System.Text;

namespace Harness.Models.Templates;

/// <summary>Cuts a template into tokens; white space that Jinja takes away is gone then, and so are comments.</summary>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", ">=", "<="];
    private readonly string text;
    private readonly TemplateRules rules;
    private readonly List<TemplateToken> tokens = [];
    private int at;

    private TemplateLexer(string text, TemplateRules rules) => (this.text, this.rules) = (text, rules);

    /// <summary>The tokens of a template whose line ends are line feeds.</summary>
    /// <exception cref="TemplateException">Something is not closed or not understood.</exception>
    public static IReadOnlyList<TemplateToken> Read(string text, TemplateRules rules)
    {
        var lexer = new TemplateLexer(text, rules);
        while (lexer.at < text.Length) lexer.ReadPart();
        lexer.Add(TokenKind.End, "", text.Length);
        return lexer.tokens;
    }

    /// <summary>The line of a place, from 1.</summary>
    public static int Line(string text, int at) => 1 + text.AsSpan(0, at).Count('\n');

    // Text, and what stands between the braces behind it.
    private void ReadPart()
    {
        var (start, open) = (at, FirstOpen());
        var plain = text[start..open];
        if (open == text.Length)
        {
            at = open;
            Add(TokenKind.Plain, plain, start);
            return;
        }

        var kind = text[open + 1];
        if (!rules.IsWhole && kind != '{')
        {
            throw new TemplateException(
                $"found '{text.Substring(open, 2)}', a {(kind == '%' ? "statement" : "comment")} of Jinja, "
                + "expected text and {{ expressions }}; put what it computes into the data");
        }

        var sign = rules.IsWhole && open + 2 < text.Length && text[open + 2] is '-' or '+' ? text[open + 2] : ' ';
        if (sign == '-') plain = PythonText.StripRight(plain);
        else if (sign == ' ' && kind != '{') plain = WithoutIndent(plain, start);
        if (plain.Length > 0) Add(TokenKind.Plain, plain, start);
        at = open + (sign == ' ' ? 2 : 3);
        if (kind == '#') SkipComment(open);
        else ReadTag(open, kind == '{' ? TokenKind.OpenExpression : TokenKind.OpenStatement);
    }

    private int FirstOpen()
    {
        for (var open = at; open < text.Length - 1; open++)
        {
            if (text[open] == '{' && text[open + 1] is '{' or '%' or '#') return open;
        }

        return text.Length;
    }

    // White space before a statement, where its line holds nothing else before it.
    private string WithoutIndent(string plain, int start)
    {
        if (!rules.IsWhole) return plain;
        var line = plain.LastIndexOf('\n') + 1;
        var isLineStart = line > 0 || start == 0 || text[start - 1] == '\n';
        return isLineStart && plain[line..].All(PythonText.IsSpace) ? plain[..line] : plain;
    }

    private void SkipComment(int open)
    {
        var close = text.IndexOf("#}", at, StringComparison.Ordinal);
        if (close < 0) throw new TemplateException("found a comment without end, expected '#}'; correct the template", Line(text, open));
        var sign = close > at && text[close - 1] is '-' or '+' ? text[close - 1] : ' ';
        at = close + 2;
        SkipBehind(sign, takesLineEnd: true);
    }

    private void ReadTag(int open, TokenKind kind)
    {
        var close = kind == TokenKind.OpenExpression ? "}}" : "%}";
        Add(kind, "", open);
        for (var depth = 0; ;)
        {
            while (at < text.Length && PythonText.IsSpace(text[at])) at++;
            if (at == text.Length) return;
            if (depth == 0 && ClosesAt(close, out var sign))
            {
                Add(kind == TokenKind.OpenExpression ? TokenKind.CloseExpression : TokenKind.CloseStatement, close, at);
                at += sign == ' ' ? 2 : 3;
                SkipBehind(sign, takesLineEnd: kind == TokenKind.OpenStatement);
                return;
            }

            if (text[at] is '(' or '[' or '{') depth++;
            if (text[at] is ')' or ']' or '}') depth--;
            ReadToken();
        }
    }

    private bool ClosesAt(string close, out char sign)
    {
        // A plus sign keeps a statement's line end; expressions have no such sign.
        sign = rules.IsWhole && (text[at] == '-' || (text[at] == '+' && close == "%}")) ? text[at] : ' ';
        if (sign != ' ' && text.AsSpan(at + 1).StartsWith(close)) return true;
        sign = ' ';
        return text.AsSpan(at).StartsWith(close);
    }

    private void SkipBehind(char sign, bool takesLineEnd)
    {
        if (sign == '-')
        {
            while (at < text.Length && PythonText.IsSpace(text[at])) at++;
        }
        else if (sign == ' ' && takesLineEnd && at < text.Length && text[at] == '\n')
        {
            at++;
        }
    }

    private void ReadToken()
    {
        var start = at;
        if (text[at] is '"' or '\'')
        {
            Add(TokenKind.Text, ReadText(), start);
        }
        else if (char.IsAsciiDigit(text[at]))
        {
            Skip(char.IsAsciiDigit);
            var isFraction = rules.IsWhole && at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]);
            if (isFraction)
            {
                at++;
                Skip(char.IsAsciiDigit);
            }

            Add(isFraction ? TokenKind.Fraction : TokenKind.Integer, text[start..at], start);
        }
        else if (char.IsLetter(text[at]) || text[at] == '_')
        {
            Skip(letter => char.IsLetterOrDigit(letter) || letter == '_');
            Add(TokenKind.Name, text[start..at], start);
        }
        else
        {
            var two = Operators.FirstOrDefault(known => text.AsSpan(at).StartsWith(known));
            at += two?.Length ?? 1;
            Add(TokenKind.Operator, text[start..at], start);
        }
    }

    private void Skip(Func<char, bool> isPart)
    {
        while (at < text.Length && isPart(text[at])) at++;
    }

    private string ReadText()
    {
        var (open, quote, read) = (at, text[at], new StringBuilder());
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                read.Append(text[at]);
                continue;
            }

            at++;
            read.Append(text[at] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => Code(4),
                'x' => Code(2),
                '\\' or '\'' or '"' => text[at],
                _ => throw new TemplateException(
                    $@"found '\{text[at]}' in a text, expected only \n, \r, \t, \\, \', \"", \xXX and \uXXXX; write the character itself",
                        Line(text, at)),
            });
        }

        if (at == text.Length)
            throw new TemplateException($"found a text without end, expected {quote}; correct the template", Line(text, open));
        at++;
        return read.ToString();
    }

    private char Code(int digits)
    {
        var place = at;
        at += digits;
        return at < text.Length
            && ushort.TryParse(text.AsSpan(place + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : throw new TemplateException(
                $@"found '\{text[place]}' in a text, expected {digits} digits behind it; correct the template", Line(text, place));
    }

    private void Add(TokenKind kind, string part, int start) => tokens.Add(new TemplateToken(kind, part, start));
}

/// <summary>Kinds of <see cref="TemplateToken"/>.</summary>
internal enum TokenKind
{
    /// <summary>What stands outside braces.</summary>
    Plain,

    /// <summary><c>{{</c>.</summary>
    OpenExpression,

    /// <summary><c>}}</c>.</summary>
    CloseExpression,

    /// <summary><c>{%</c>.</summary>
    OpenStatement,

    /// <summary><c>%}</c>.</summary>
    CloseStatement,

    /// <summary>A name or a word of the language.</summary>
    Name,

    /// <summary>A text between quotes.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction or an exponent.</summary>
    Fraction,

    /// <summary>An operator, or any other character.</summary>
    Operator,

    /// <summary>The template's end.</summary>
    End,
}

/// <summary>A part of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a text between quotes its content.</param>
/// <param name="At">Where it begins.</param>
internal readonly record struct TemplateToken(TokenKind Kind, string Text, int At)
{
    /// <summary>Whether it is one of some words of the language.</summary>
    public bool IsWord(params ReadOnlySpan<string> words) => Kind == TokenKind.Name && words.Contains(Text);

    /// <summary>Whether it is one of some operators.</summary>
    public bool IsOperator(params ReadOnlySpan<string> operators) => Kind == TokenKind.Operator && operators.Contains(Text);
}
