namespace Harness.Models.Templates;

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
