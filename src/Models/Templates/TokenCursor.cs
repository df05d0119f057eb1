using System.Runtime.CompilerServices;

namespace Harness.Models.Templates;

/// <summary>A place among a template's tokens, and how deep what is read there is nested: no template can exhaust the stack.</summary>
internal sealed class TokenCursor(string text, TemplateRules rules)
{
    private const int Deepest = 200;
    private const int LongestShown = 40;
    private readonly IReadOnlyList<TemplateToken> tokens = TemplateLexer.Read(text, rules);
    private int at, depth, counted, line = 1;

    /// <summary>The token here.</summary>
    public TemplateToken Current => tokens[at];

    /// <summary>The line here.</summary>
    public int Line => LineOf(Current);

    /// <summary>The line of what is behind us.</summary>
    public int LineBefore => at == 0 ? 1 : LineOf(tokens[at - 1]);

    /// <summary>The template between two places.</summary>
    public string Between(int start, int end) => text[start..end].Trim();

    /// <summary>Takes the token here.</summary>
    public TemplateToken Next()
    {
        var token = Current;
        if (token.Kind != TokenKind.End) at++;
        return token;
    }

    /// <summary>Goes on behind an operator, where it is here.</summary>
    public bool Skip(string operation)
    {
        if (!Current.IsOperator(operation)) return false;
        Next();
        return true;
    }

    /// <summary>Goes on behind a word, where it is here.</summary>
    public bool SkipWord(string word)
    {
        if (!Current.IsWord(word)) return false;
        Next();
        return true;
    }

    /// <summary>Goes on behind an operator, which must be here.</summary>
    public void Expect(string operation)
    {
        if (!Skip(operation)) throw Unexpected($"'{operation}'");
    }

    /// <summary>Goes on behind a token of a kind, which must be here.</summary>
    public TemplateToken Expect(TokenKind kind, string expected) => Current.Kind == kind ? Next() : throw Unexpected(expected);

    /// <summary>The line of a token.</summary>
    public int LineOf(TemplateToken token)
    {
        // Tokens come in order, nearly always: only what is new is gone through.
        if (token.At < counted) (counted, line) = (0, 1);
        line += text.AsSpan(counted, token.At - counted).Count('\n');
        counted = token.At;
        return line;
    }

    /// <summary>Reads something that is nested in what is being read.</summary>
    public T Nested<T>(Func<T> read)
    {
        var before = depth;
        Deepen();
        var result = read();
        depth = before;
        return result;
    }

    /// <summary>Counts one more step of a chain, or level, of what is being read.</summary>
    public void Deepen()
    {
        if (++depth > Deepest || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateException($"found more than {Deepest} parts nested or joined, expected fewer; take a simpler template", Line);
    }

    /// <summary>An error about what is here.</summary>
    public TemplateException Unexpected(string expected)
    {
        var rest = text[Current.At..];
        foreach (var end in (string[])(rules.IsWhole ? ["}}", "%}", "\n"] : ["}}"])) rest = rest.Split(end)[0];
        rest = rest.Trim();
        if (rules.IsWhole && rest.Length == 0) rest = Current.Text;
        if (rules.IsWhole && rest.Length > LongestShown) rest = rest[..LongestShown] + "…";
        var found = rest.Length == 0 ? "the end" : $"'{rest}'";
        return rules.IsWhole
            ? new TemplateException($"found {found}, expected {expected}; correct the template", Line)
            : new TemplateException($"found {found} in '{text}', expected {expected}; "
                + "only fields, items, texts, lists, strip() and index() are understood here", Line);
    }
}
