using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Harness.Tests.CompiledCode;

/// <summary>Names of methods and types as an assembly's metadata has them.</summary>
internal sealed class CompiledNames(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
{
    /// <summary>Type, name and parameter types of a method; null for anything else.</summary>
    public (string Type, string Name, string Parameters)? Method(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                var defined = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return (Type(defined.GetDeclaringType()), metadata.GetString(defined.Name),
                    Parameters(defined.DecodeSignature(this, null)));
            case HandleKind.MemberReference:
                var used = metadata.GetMemberReference((MemberReferenceHandle)handle);
                return used.GetKind() == MemberReferenceKind.Field
                    ? null
                    : (Type(used.Parent), metadata.GetString(used.Name), Parameters(used.DecodeMethodSignature(this, null)));
            case HandleKind.MethodSpecification:
                return Method(metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method);
            default:
                return null;
        }
    }

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[,]";
    public string GetByReferenceType(string elementType) => $"{elementType}&";
    public string GetFunctionPointerType(MethodSignature<string> signature) => "function";
    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(",", typeArguments)}>";
    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";
    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";
    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
    public string GetPinnedType(string elementType) => elementType;
    public string GetPointerType(string elementType) => $"{elementType}*";
    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();
    public string GetSZArrayType(string elementType) => $"{elementType}[]";
    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Short(Type(handle));
    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Short(Type(handle));
    public string GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    private static string Parameters(MethodSignature<string> signature) => string.Join(", ", signature.ParameterTypes);

    private static string Short(string type) => type[(type.LastIndexOfAny(['.', '/']) + 1)..];

    private string Type(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                var defined = metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
                return Nested(defined.GetDeclaringType(), defined.Namespace, defined.Name);
            case HandleKind.TypeReference:
                var used = metadata.GetTypeReference((TypeReferenceHandle)handle);
                return Nested(used.ResolutionScope.Kind == HandleKind.TypeReference ? used.ResolutionScope : default, used.Namespace,
                    used.Name);
            case HandleKind.TypeSpecification:
                return metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
            default:
                return "";
        }
    }

    private string Nested(EntityHandle outer, StringHandle space, StringHandle name) =>
        outer.IsNil ? $"{metadata.GetString(space)}.{metadata.GetString(name)}" : $"{Type(outer)}/{metadata.GetString(name)}";
}
