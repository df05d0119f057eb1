using TorchSharp;

namespace Harness.Models.Numerics;

/// <summary>
/// Numbers as arguments of tensor operators: <c>x * Held(0.5)</c>. TorchSharp's implicit conversion makes a <see cref="Scalar"/> that
/// nothing refers to while the native call reads it, so that a garbage collection at that moment frees it: an exception at best, a wrong
/// number at worst. A held one lives until
/// <see cref="Kept"/> further numbers were held on the same thread, long after the call that it was made for. Numbers never reach an
/// operator otherwise: a test reads the compiled code.
/// </summary>
public static class Scalars
{
    /// <summary>How many numbers a thread holds; a call takes two or three.</summary>
    internal const int Kept = 64;

    [ThreadStatic]
    private static Scalar[]? held;

    [ThreadStatic]
    private static int next;

    /// <summary>A floating-point number.</summary>
    public static Scalar Held(double value) => Keep(value);

    /// <summary>A floating-point number; its value is that of the float32.</summary>
    public static Scalar Held(float value) => Keep(value);

    /// <summary>An integer: it leaves an integer tensor's type as it is.</summary>
    public static Scalar Held(long value) => Keep(value);

    /// <summary>An integer: it leaves an integer tensor's type as it is.</summary>
    public static Scalar Held(int value) => Keep(value);

    /// <summary>True or false.</summary>
    public static Scalar Held(bool value) => Keep(value);

    private static Scalar Keep(Scalar scalar)
    {
        held ??= new Scalar[Kept];
        held[next] = scalar;
        next = (next + 1) % Kept;
        return scalar;
    }
}
