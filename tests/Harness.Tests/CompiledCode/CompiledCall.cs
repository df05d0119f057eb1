using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Harness.Tests.CompiledCode;

/// <summary>One method that another one names in its compiled code: a call, a construction or the target of a delegate.</summary>
/// <param name="Caller">Where: type::method.</param>
/// <param name="Type">The named method's type; nested ones after a slash.</param>
/// <param name="Name">The named method, without its type.</param>
/// <param name="Parameters">Names of its parameters' types, without namespaces.</param>
internal sealed record CompiledCall(string Caller, string Type, string Name, string Parameters)
{
    private static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The named method as an error shows it.</summary>
    public string Callee => $"{Type}::{Name}({Parameters})";

    /// <summary>Everything that the methods of an assembly name.</summary>
    public static List<CompiledCall> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new CompiledNames(metadata);
        List<CompiledCall> calls = [];
        foreach (var handle in metadata.MethodDefinitions)
        {
            var address = metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
            if (address == 0) continue;
            var (type, name, parameters) = names.Method(handle)!.Value;
            calls.AddRange(Tokens(file.GetMethodBody(address).GetILReader()).Select(names.Method)
                .OfType<(string Type, string Name, string Parameters)>()
                .Select(callee => new CompiledCall($"{type}::{name}({parameters})", callee.Type, callee.Name, callee.Parameters)));
        }

        return calls;
    }

    private static List<EntityHandle> Tokens(BlobReader code)
    {
        List<EntityHandle> found = [];
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xFE) value = 0xFE00 | code.ReadByte();
            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineTok) found.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
            else Skip(operand == OperandType.InlineSwitch ? 4 * code.ReadInt32() : Length(operand));
        }

        return found;

        void Skip(int bytes) => code.Offset += bytes;
    }

    private static int Length(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
