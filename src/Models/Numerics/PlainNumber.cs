namespace Harness.Models;

/// <summary>A number beside a tensor, made by implicit conversion. Whole numbers stay whole, which decides the result's element type.</summary>
public readonly struct PlainNumber
{
    private PlainNumber(bool isWhole, long whole, double real) => (IsWhole, Whole, Real) = (isWhole, whole, real);

    internal bool IsWhole { get; }

    internal long Whole { get; }

    internal double Real { get; }

    /// <summary>A whole number; an <see cref="int"/> comes here too.</summary>
    public static implicit operator PlainNumber(long value) => new(true, value, value);

    /// <summary>A real number; a <see cref="float"/> comes here too.</summary>
    public static implicit operator PlainNumber(double value) => new(false, 0, value);
}
