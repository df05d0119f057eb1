using System.Globalization;

namespace Harness.Tuning;

/// <summary>An end of an option's values.</summary>
/// <param name="Option">The option's path.</param>
/// <param name="IsUpper">Whether it is the largest.</param>
internal sealed record OptionEnd(string Option, bool IsUpper);

/// <summary>How an option's values go on beyond their ends.</summary>
internal static class Widening
{
    private const int Digits = 3;

    /// <summary>The end of an ordered option that a value lies at; null elsewhere.</summary>
    public static OptionEnd? EndAt(SpaceOption option, OptionValue value) => !option.IsOrdered ? null
        : value.Text == option.Values[^1].Text ? new(option.Path, true)
        : value.Text == option.Values[0].Text ? new(option.Path, false)
        : null;

    /// <summary>
    /// The next value: layers by one, other numbers by the ratio of the two at that end, rounded to three digits, whole where all values
    /// are.
    /// </summary>
    /// <returns>The value; null where nothing lies beyond: zero, or no other whole number from 1.</returns>
    public static OptionValue? Beyond(SpaceOption option, bool isUpper)
    {
        var (end, inner) = isUpper ? (option.Values[^1], option.Values[^2]) : (option.Values[0], option.Values[1]);
        var (last, before) = (end.Number!.Value, inner.Number!.Value);
        if (option.IsLayer) return end.With(last + (isUpper ? 1 : -1));
        if (last == 0 || before == 0) return null;
        var next = last * last / before;
        if (!option.Values.All(value => double.IsInteger(value.Number!.Value))) return end.With(Rounded(next));
        var whole = Math.Round(next, MidpointRounding.AwayFromZero);
        return whole >= 1 && whole != last ? end.With(whole) : null;
    }

    private static double Rounded(double number) =>
        double.Parse(number.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
