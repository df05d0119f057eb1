using System.Text.RegularExpressions;

namespace Harness.Models.Tokenizers.Patterns;

/// <summary>An expression that sees Unicode scalars, as Oniguruma does, where .NET's own sees UTF-16 units.</summary>
/// <param name="expression">In .NET's syntax.</param>
/// <param name="source">File and component that it comes from, for errors.</param>
internal sealed class ScalarRegex(Regex expression, string source) : IPattern
{
    // Ordinary expressions need microseconds for a match; one that needs this long never ends. Changes no result.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="NotSupportedException">The expression has something that cannot be followed; the message says what.</exception>
    public static ScalarRegex Create(string oniguruma, string source)
    {
        try
        {
            var translated = OnigurumaSyntax.Translate(oniguruma);
            return new(new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled, Patience), source);
        }
        catch (ArgumentException exception)
        {
            throw new NotSupportedException($"an expression that makes no sense ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var proxy = ScalarProxy.Of(text, out var indices);
        var last = -1;
        try
        {
            foreach (var match in expression.EnumerateMatches(proxy))
            {
                // Oniguruma takes no empty match right behind another match.
                var end = match.Index + match.Length;
                if (match.Length == 0 && match.Index == last) continue;
                matches.Add(indices is null ? (match.Index, end) : (indices[match.Index], indices[end]));
                last = end;
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            var seconds = exception.MatchTimeout.TotalSeconds;
            var found = $"an expression that takes more than {seconds:0.##} s for one match in {text.Length} characters";
            throw new InputException($"{source}: found {found}, expected one that ends; use a tokenizer that can be trusted", exception);
        }
    }
}
