using System.Globalization;

namespace TorchSharp;

/// <summary>A number as an operator's argument; made by implicit conversion. Integers stay integers, which decides result types.</summary>
public sealed class Scalar
{
    private Scalar(Interop.Tag tag, long bits) => (Tag, Bits) = (tag, bits);

    private Scalar(double value) : this(Interop.Tag.Real, BitConverter.DoubleToInt64Bits(value))
    {
    }

    internal Interop.Tag Tag { get; }

    internal long Bits { get; }

    internal bool IsReal => Tag == Interop.Tag.Real;

    internal double AsDouble => IsReal ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsInt64 => IsReal ? (long)AsDouble : Bits;

    internal static Scalar From(Interop.Value value) => new(value.Tag, value.Bits);

    public static implicit operator Scalar(byte value) => new(Interop.Tag.Integer, value);
    public static implicit operator Scalar(sbyte value) => new(Interop.Tag.Integer, value);
    public static implicit operator Scalar(short value) => new(Interop.Tag.Integer, value);
    public static implicit operator Scalar(int value) => new(Interop.Tag.Integer, value);
    public static implicit operator Scalar(long value) => new(Interop.Tag.Integer, value);
    public static implicit operator Scalar(bool value) => new(Interop.Tag.Boolean, value ? 1 : 0);
    public static implicit operator Scalar(Half value) => new((double)value);
    public static implicit operator Scalar(float value) => new((double)value);
    public static implicit operator Scalar(double value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => IsReal ? AsDouble.ToString("R", CultureInfo.InvariantCulture) :
        Tag == Interop.Tag.Boolean ? (Bits != 0 ? "true" : "false") : Bits.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Conversions of a scalar to numbers and back.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;
    public static double ToDouble(this Scalar value) => value.AsDouble;
    public static int ToInt32(this Scalar value) => checked((int)value.AsInt64);
    public static long ToInt64(this Scalar value) => value.AsInt64;
    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
}
