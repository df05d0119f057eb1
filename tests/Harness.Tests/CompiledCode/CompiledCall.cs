using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Harness.Planning;

namespace Harness.Tests.CompiledCode;

/// <summary>One method that another one names in its compiled code: a call, a construction or the target of a delegate.</summary>
/// <param name="Caller">Where: <c>type::method(parameters) result</c>.</param>
/// <param name="Callee">The named method, written likewise; nested types after a slash.</param>
internal sealed record CompiledCall(string Caller, string Callee)
{
    private const string Separator = "::";

    /// <summary>The named method's type.</summary>
    public string Type => Callee[..Callee.IndexOf(Separator, StringComparison.Ordinal)];

    /// <summary>The named method, without its type and parameters.</summary>
    public string Name => Callee[(Type.Length + Separator.Length)..].Split('(', '`')[0];

    /// <summary>Everything that the methods of an assembly name.</summary>
    public static List<CompiledCall> Of(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new CompiledNames(metadata);
        return [.. from handle in metadata.MethodDefinitions
                   let address = metadata.GetMethodDefinition(handle).RelativeVirtualAddress
                   where address != 0
                   from instruction in CompiledInstruction.Of(file.GetMethodBody(address).GetILReader())
                   where instruction.Code.OperandType is OperandType.InlineMethod or OperandType.InlineTok
                   let callee = Method(metadata, MetadataTokens.EntityHandle((int)instruction.Operand!))
                   where callee is not null
                   select new CompiledCall(names.Member(handle), names.Member(callee.Value))];
    }

    // Without type arguments, so that a call names what a definition does; null where it is no method.
    private static EntityHandle? Method(MetadataReader metadata, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.MethodDefinition => handle,
        HandleKind.MethodSpecification => metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method,
        HandleKind.MemberReference
            when metadata.GetMemberReference((MemberReferenceHandle)handle).GetKind() == MemberReferenceKind.Method => handle,
        _ => null,
    };
}
