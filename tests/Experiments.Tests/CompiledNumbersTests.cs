using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Harness.Models.Numerics;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>Reads the compiled code: TorchSharp's implicit conversion of a number loses it to a collection during the call (see <see cref="Scalars"/>).</summary>
public class CompiledNumbersTests
{
    private const byte TwoBytes = 0xfe;
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    [Theory]
    [InlineData("Harness.Models")]
    [InlineData("Harness.Editing")]
    [InlineData("Harness.Studies")]
    [InlineData("Harness.Experiments")]
    public void Numbers_reach_operators_only_as_held_scalars(string assembly) =>
        Assert.Equal([], Conversions(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")).Except([$"{typeof(Scalars).FullName}.Held"]));

    [Fact]
    public void A_bare_number_is_found() =>
        Assert.Contains($"{typeof(CompiledNumbersTests).FullName}.{nameof(Bare)}", Conversions(typeof(CompiledNumbersTests).Assembly.Location));

    private static Tensor Bare(Tensor value) => value * 0.5;

    // Every method that makes a Scalar of a number, once for each.
    private static IEnumerable<string> Conversions(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var metadata = image.GetMetadataReader();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0) continue;
            foreach (var called in Calls(image.GetMethodBody(method.RelativeVirtualAddress).GetILReader()).Where(token => token.Kind == HandleKind.MemberReference))
            {
                var member = metadata.GetMemberReference((MemberReferenceHandle)called);
                if (member.Parent.Kind != HandleKind.TypeReference) continue;
                var owner = metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name);
                var name = metadata.GetString(member.Name);
                if ((owner, name) is ("Scalar", "op_Implicit") or (_, "ToScalar"))
                    yield return $"{NameOf(metadata, method.GetDeclaringType())}.{metadata.GetString(method.Name)}";
            }
        }
    }

    private static string NameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.IsNested ? $"{NameOf(metadata, type.GetDeclaringType())}+{name}" : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    // The tokens of all methods that a body calls.
    private static List<EntityHandle> Calls(BlobReader body)
    {
        List<EntityHandle> called = [];
        while (body.RemainingBytes > 0)
        {
            int first = body.ReadByte();
            var code = Codes[first == TwoBytes ? (first << 8) | body.ReadByte() : first];
            if (code.OperandType == OperandType.InlineMethod)
            {
                called.Add((EntityHandle)MetadataTokens.Handle(body.ReadInt32()));
                continue;
            }

            var operand = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 * body.ReadInt32(),
                _ => 4,
            };
            body.Offset += operand;
        }

        return called;
    }
}
