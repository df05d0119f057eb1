using static TorchSharp.torch;

namespace Harness.Models.Checkpoints;

/// <summary>The element types of safetensors files that the harness reads and writes.</summary>
internal sealed record SafetensorsDtype(string Name, ScalarType Type, int Size)
{
    private static readonly SafetensorsDtype[] All =
    [
        new("F64", ScalarType.Float64, 8),
        new("F32", ScalarType.Float32, 4),
        new("F16", ScalarType.Float16, 2),
        new("BF16", ScalarType.BFloat16, 2),
        new("I64", ScalarType.Int64, 8),
        new("I32", ScalarType.Int32, 4),
        new("U8", ScalarType.Byte, 1),
        new("BOOL", ScalarType.Bool, 1),
    ];

    public static string Known { get; } = string.Join(", ", All.Select(dtype => dtype.Name));

    public static SafetensorsDtype? Find(string name) => Array.Find(All, dtype => dtype.Name == name);

    public static SafetensorsDtype? Find(ScalarType type) => Array.Find(All, dtype => dtype.Type == type);
}
