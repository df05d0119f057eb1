using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Text.RegularExpressions;

namespace Harness.Planning;

/// <summary>A type by its names.</summary>
/// <param name="Assembly">Name of the assembly that defines it.</param>
/// <param name="Name">Its full name: <c>Space.Outer/Nested`1</c>.</param>
internal readonly record struct TypeName(string Assembly, string Name)
{
    /// <summary>Of a loaded type.</summary>
    public static TypeName Of(Type type) => new(type.Assembly.GetName().Name!, Full(type));

    private static string Full(Type type) => type.DeclaringType is { } outer ? $"{Full(outer)}/{type.Name}"
        : string.IsNullOrEmpty(type.Namespace) ? type.Name : $"{type.Namespace}.{type.Name}";
}

/// <summary>Names of an assembly's metadata, written out. Notes every type that it is asked for.</summary>
internal sealed partial class CompiledNames(MetadataReader metadata) : ISignatureTypeProvider<string, object?>
{
    private readonly HashSet<TypeName> types = [];

    /// <summary>The types that were named.</summary>
    public IReadOnlySet<TypeName> Types => types;

    /// <summary>A name without the numbers that the compiler gives to what the whole assembly has of a sort.</summary>
    public static string Label(string name) => name.Contains('<') ? Numbers().Replace(name, "$1$2$3") : name;

    /// <summary>A method's signature.</summary>
    public static string Signature(MethodSignature<string> signature)
    {
        var generic = signature.GenericParameterCount > 0 ? $"`{signature.GenericParameterCount}" : "";
        return $"{generic}({string.Join(", ", signature.ParameterTypes)}) {signature.ReturnType}";
    }

    /// <summary>A full name of a type of this assembly.</summary>
    public string TypeName(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return Nested(type.GetDeclaringType() is { IsNil: false } outer ? TypeName(outer) : null, type.Namespace, type.Name);
    }

    /// <summary>A type.</summary>
    public string Type(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0),
        _ => GetTypeFromSpecification(metadata, null, (TypeSpecificationHandle)handle, 0),
    };

    /// <summary>
    /// An interface that a type implements. Its type arguments are no reason for their code to run: where it does, a member names it.
    /// </summary>
    public string Implemented(EntityHandle handle)
    {
        if (handle.Kind != HandleKind.TypeSpecification) return Type(handle);
        var before = types.ToHashSet();
        var name = Type(handle);
        types.RemoveWhere(type => !before.Contains(type) && !name.StartsWith(type.Name, StringComparison.Ordinal));
        return name;
    }

    /// <summary>What an instruction names.</summary>
    public string Member(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                var method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return Of(Type(method.GetDeclaringType()), method.Name, Signature(method.DecodeSignature(this, null)));
            case HandleKind.FieldDefinition:
                var field = metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                return Of(Type(field.GetDeclaringType()), field.Name, $" {field.DecodeSignature(this, null)}");
            case HandleKind.MemberReference:
                var member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                return Of(member.Parent.Kind == HandleKind.MethodDefinition ? Member(member.Parent) : Type(member.Parent), member.Name,
                    member.GetKind() == MemberReferenceKind.Field
                        ? $" {member.DecodeFieldSignature(this, null)}"
                        : Signature(member.DecodeMethodSignature(this, null)));
            case HandleKind.MethodSpecification:
                var used = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                return $"{Member(used.Method)}<{string.Join(", ", used.DecodeSignature(this, null))}>";
            case HandleKind.StandaloneSignature:
                return Signature(metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(this, null));
            default:
                return Type(handle);
        }
    }

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

    public string GetByReferenceType(string elementType) => $"{elementType}&";

    public string GetFunctionPointerType(MethodSignature<string> signature) => $"function{Signature(signature)}";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
        $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

    public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} modified by {modifier}";

    public string GetPinnedType(string elementType) => $"pinned {elementType}";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        Noted(metadata.GetString(metadata.GetAssemblyDefinition().Name), TypeName(handle));

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = metadata.GetTypeReference(handle);
        var name = Nested(null, type.Namespace, type.Name);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
            name = $"{Nested(null, type.Namespace, type.Name)}/{name}";
        }

        var assembly = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
        return Noted(metadata.GetString(assembly.Name), name);
    }

    public string GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        metadata.GetTypeSpecification(handle).DecodeSignature(this, null);

    private string Noted(string assembly, string type)
    {
        // What the compiler makes for the whole assembly is named by its content.
        if (!type.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal)) types.Add(new TypeName(assembly, type));
        return Label(type);
    }

    private string Nested(string? outer, StringHandle space, StringHandle name) =>
        outer is not null ? $"{outer}/{metadata.GetString(name)}"
        : space.IsNil ? metadata.GetString(name) : $"{metadata.GetString(space)}.{metadata.GetString(name)}";

    private string Of(string type, StringHandle name, string signature) => $"{type}::{Label(metadata.GetString(name))}{signature}";

    // Anonymous types and delegates are numbered through an assembly, and so are generated regular expressions; what is of one file has a
    // hash of the file's path, which is another in another folder.
    [GeneratedRegex(@"(<>f__Anonymous(?:Type|Delegate))\d+|(<\w+>F)[0-9A-F]{64}(__\w+?)(?:_\d+)?(?![\w])")]
    private static partial Regex Numbers();
}
