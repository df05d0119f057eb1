using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace Harness.Planning;

/// <summary>One instruction of a compiled body.</summary>
/// <param name="Code">What it does.</param>
/// <param name="Operand">As it stands in the body: a number of the operand's size, a table of jumps (int[]), or null where it has none.
/// </param>
internal readonly record struct CompiledInstruction(OpCode Code, object? Operand)
{
    private static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The instructions of a body.</summary>
    public static IEnumerable<CompiledInstruction> Of(BlobReader body)
    {
        while (body.RemainingBytes > 0)
        {
            int value = body.ReadByte();
            if (value == 0xFE) value = 0xFE00 | body.ReadByte();
            var code = OpCodes[value];
            object? operand = code.OperandType switch
            {
                OperandType.InlineNone => null,
                OperandType.InlineSwitch => Jumps(ref body),
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => body.ReadByte(),
                OperandType.InlineVar => body.ReadUInt16(),
                OperandType.InlineI8 or OperandType.InlineR => body.ReadInt64(),
                _ => body.ReadInt32(),
            };
            yield return new(code, operand);
        }
    }

    private static int[] Jumps(ref BlobReader body)
    {
        var jumps = new int[body.ReadInt32()];
        for (var i = 0; i < jumps.Length; i++) jumps[i] = body.ReadInt32();
        return jumps;
    }
}
