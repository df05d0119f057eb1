using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Models;

/// <summary>
/// Arithmetic of tensors with plain numbers, and sums of tensors. TorchSharp hands a number to libtorch as a <see cref="Scalar"/>, whose
/// finalizer frees it; its operators do not keep that object alive during the call (nor do <c>a + b</c> and <c>add_(b)</c>, which pass a factor
/// of 1), so a collection at that moment frees what libtorch still reads. Here each number lives until the call has returned. No other code
/// makes scalars; a test over the compiled code sees to it. Results are new tensors unless the name says in place; element types and errors
/// are those of the operator that each summary names.
/// </summary>
public static class ScalarArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>value + other (add).</summary>
    public static Tensor Plus(this Tensor value, Tensor other) => value.add(other, One);

    /// <summary>value + addend (add).</summary>
    // Before the sum with a tensor, which numbers convert to as well.
    [OverloadResolutionPriority(1)]
    public static Tensor Plus(this Tensor value, PlainNumber addend) => Holding(addend, value, static (x, number) => x.add(number, One));

    /// <summary>value + factor · other (add).</summary>
    public static Tensor PlusTimes(this Tensor value, Tensor other, PlainNumber factor) =>
        Holding(factor, (value, other), static (x, number) => x.value.add(x.other, number));

    /// <summary>value += other (add_).</summary>
    /// <returns><paramref name="value"/>, as from every method in place.</returns>
    public static Tensor PlusInPlace(this Tensor value, Tensor other) => value.add_(other, One);

    /// <summary>value += addend (add_).</summary>
    [OverloadResolutionPriority(1)]
    public static Tensor PlusInPlace(this Tensor value, PlainNumber addend) => Holding(addend, value, static (x, number) => x.add_(number, One));

    /// <summary>value += factor · other (add_).</summary>
    public static Tensor PlusTimesInPlace(this Tensor value, Tensor other, PlainNumber factor) =>
        Holding(factor, (value, other), static (x, number) => x.value.add_(x.other, number));

    /// <summary>value += factor · left · right, element by element (addcmul_).</summary>
    public static Tensor PlusProductInPlace(this Tensor value, Tensor left, Tensor right, PlainNumber factor) =>
        Holding(factor, (value, left, right), static (x, number) => x.value.addcmul_(x.left, x.right, number));

    /// <summary>value += factor · left / right, element by element (addcdiv_).</summary>
    public static Tensor PlusQuotientInPlace(this Tensor value, Tensor left, Tensor right, PlainNumber factor) =>
        Holding(factor, (value, left, right), static (x, number) => x.value.addcdiv_(x.left, x.right, number));

    /// <summary>Adds the rows of <paramref name="source"/> to those of <paramref name="value"/> that <paramref name="places"/> names (index_add_).</summary>
    public static Tensor PlusAtInPlace(this Tensor value, long dimension, Tensor places, Tensor source) =>
        value.index_add_(dimension, places, source, One);

    /// <summary>value − subtrahend (sub).</summary>
    public static Tensor Minus(this Tensor value, PlainNumber subtrahend) => Holding(subtrahend, value, static (x, number) => x.sub(number));

    /// <summary>value −= subtrahend (sub_).</summary>
    public static Tensor MinusInPlace(this Tensor value, PlainNumber subtrahend) => Holding(subtrahend, value, static (x, number) => x.sub_(number));

    /// <summary>minuend − value (the sum of the minuend and −value, which rounds alike).</summary>
    public static Tensor SubtractedFrom(this Tensor value, PlainNumber minuend) => value.neg().Plus(minuend);

    /// <summary>value · factor (mul).</summary>
    public static Tensor Times(this Tensor value, PlainNumber factor) => Holding(factor, value, static (x, number) => x.mul(number));

    /// <summary>value *= factor (mul_).</summary>
    public static Tensor TimesInPlace(this Tensor value, PlainNumber factor) => Holding(factor, value, static (x, number) => x.mul_(number));

    /// <summary>value / divisor (div).</summary>
    public static Tensor DividedBy(this Tensor value, PlainNumber divisor) => Holding(divisor, value, static (x, number) => x.div(number));

    /// <summary>value /= divisor (div_).</summary>
    public static Tensor DividedByInPlace(this Tensor value, PlainNumber divisor) => Holding(divisor, value, static (x, number) => x.div_(number));

    /// <summary>value to the power of exponent (pow).</summary>
    public static Tensor Power(this Tensor value, PlainNumber exponent) => Holding(exponent, value, static (x, number) => x.pow(number));

    /// <summary>The larger of each element and a bound (clamp_min).</summary>
    public static Tensor AtLeast(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.clamp_min(number));

    /// <summary>The smaller of each element and a bound (clamp with a maximum alone).</summary>
    public static Tensor AtMost(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.clamp(null, number));

    /// <summary>Brings every element between two bounds (clamp_).</summary>
    public static Tensor BetweenInPlace(this Tensor value, PlainNumber least, PlainNumber largest) =>
        Holding(least, (value, largest), static (x, lower) =>
            Holding(x.largest, (x.value, lower), static (y, upper) => y.value.clamp_(y.lower, upper)));

    /// <summary>The elements, but a number where a mask is true (masked_fill).</summary>
    public static Tensor FilledWhere(this Tensor value, Tensor mask, PlainNumber filling) =>
        Holding(filling, (value, mask), static (x, number) => x.value.masked_fill(x.mask, number));

    /// <summary>Which elements are above a number (gt).</summary>
    public static Tensor IsAbove(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.gt(number));

    /// <summary>Which elements are at least a number (ge).</summary>
    public static Tensor IsAtLeast(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.ge(number));

    /// <summary>Which elements are below a number (lt).</summary>
    public static Tensor IsBelow(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.lt(number));

    /// <summary>Which elements are at most a number (le).</summary>
    public static Tensor IsAtMost(this Tensor value, PlainNumber bound) => Holding(bound, value, static (x, number) => x.le(number));

    /// <summary>Which elements differ from a number (ne).</summary>
    public static Tensor DiffersFrom(this Tensor value, PlainNumber other) => Holding(other, value, static (x, number) => x.ne(number));

    /// <summary>A tensor of one number everywhere (full).</summary>
    public static Tensor Filled(long[] shape, PlainNumber filling, Device? device = null) =>
        Holding(filling, (shape, device), static (x, number) => full(x.shape, number, device: x.device));

    /// <summary>[count] int64: 0, 1, … count − 1 (arange).</summary>
    public static Tensor Counting(long count, Device? device = null) =>
        Holding(0, (count, device), static (x, start) => Holding(
            x.count, (start, x.device), static (y, stop) => arange(y.start, stop, One, device: y.device)));

    // The one place where scalars are made: alive until the operation has returned.
    private static Tensor Holding<T>(PlainNumber number, T operands, Func<T, Scalar, Tensor> operation)
    {
        var held = number.IsWhole ? number.Whole.ToScalar() : number.Real.ToScalar();
        var result = operation(operands, held);
        GC.KeepAlive(held);
        return result;
    }
}
