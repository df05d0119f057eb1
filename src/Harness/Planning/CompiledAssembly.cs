using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Security.Cryptography;
using System.Text;

namespace Harness.Planning;

/// <summary>One assembly's compiled code.</summary>
[SuppressMessage("Design", "CA1001", Justification = "What it holds is memory, wanted as long as the process.")]
internal sealed class CompiledAssembly
{
    private readonly PEReader file;
    private readonly MetadataReader metadata;
    private readonly Dictionary<string, TypeDefinitionHandle> types = new(StringComparer.Ordinal);

    public CompiledAssembly(Assembly assembly)
    {
        file = new PEReader([.. File.ReadAllBytes(assembly.Location)]);
        metadata = file.GetMetadataReader();
        Name = assembly.GetName().Name!;
        if (metadata.GetGuid(metadata.GetModuleDefinition().Mvid) != assembly.ManifestModule.ModuleVersionId)
            throw new InputException(
                $"{assembly.Location}: found another {Name} than this process runs: it was built anew meanwhile; run again");
        var names = new CompiledNames(metadata);
        foreach (var handle in metadata.TypeDefinitions) types.TryAdd(names.TypeName(handle), handle);
        var files = metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name))
            .Order(StringComparer.Ordinal)
            .Select(name => $"{name} {Convert.ToHexStringLower(SHA256.HashData(assembly.GetManifestResourceStream(name)!))}").ToList();
        Files = files.Count == 0 ? null : TextHash.Of(string.Join('\n', files));
    }

    public string Name { get; }

    /// <summary>Hash of its embedded files; null where it has none.</summary>
    public string? Files { get; }

    /// <summary>A type of that full name.</summary>
    public CompiledCode Type(string name)
    {
        var handle = types[name];
        var type = metadata.GetTypeDefinition(handle);
        var text = new StringBuilder();
        var names = new CompiledNames(metadata);
        Line("type", type.Attributes, type.GetGenericParameters().Count, type.BaseType.IsNil ? "" : names.Type(type.BaseType));
        foreach (var implemented in type.GetInterfaceImplementations())
            Line("interface", names.Implemented(metadata.GetInterfaceImplementation(implemented).Interface));
        Attributes(type.GetCustomAttributes());
        foreach (var parameter in type.GetGenericParameters())
            foreach (var constraint in metadata.GetGenericParameter(parameter).GetConstraints())
                Line("constraint", names.Type(metadata.GetGenericParameterConstraint(constraint).Type));
        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
        {
            Line("field", field.Attributes, metadata.GetString(field.Name), field.DecodeSignature(names, null),
                Constant(field.GetDefaultValue()));
            Attributes(field.GetCustomAttributes());
        }

        foreach (var property in type.GetProperties().Select(metadata.GetPropertyDefinition))
        {
            Line("property", metadata.GetString(property.Name));
            Attributes(property.GetCustomAttributes());
        }

        foreach (var method in type.GetMethods()) Write(method, names, text);

        return Made(NamespaceOf(handle), CompiledNames.Label(name), text, names);

        void Line(params object[] parts) => text.AppendJoin(' ', parts).Append('\n');

        void Attributes(CustomAttributeHandleCollection attributes) => this.Attributes(attributes, names, text);
    }

    /// <summary>A function alone.</summary>
    public CompiledCode Function(MethodInfo function)
    {
        var (text, names) = (new StringBuilder(), new CompiledNames(metadata));
        var handle = (MethodDefinitionHandle)MetadataTokens.EntityHandle(function.MetadataToken);
        Write(handle, names, text);
        return Made(NamespaceOf(metadata.GetMethodDefinition(handle).GetDeclaringType()), "function", text, names);
    }

    private static CompiledCode Made(string space, string label, StringBuilder text, CompiledNames names) =>
        new(space, label, TextHash.Of(text.ToString()), names.Types);

    private string NamespaceOf(TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        if (type.GetDeclaringType() is { IsNil: false } outer) return NamespaceOf(outer);
        return type.Namespace.IsNil ? "what the compiler makes" : metadata.GetString(type.Namespace);
    }

    private void Write(MethodDefinitionHandle handle, CompiledNames names, StringBuilder text)
    {
        var method = metadata.GetMethodDefinition(handle);
        var import = method.GetImport();
        var native = import.Name.IsNil ? ""
            : $" {metadata.GetString(metadata.GetModuleReference(import.Module).Name)}!{metadata.GetString(import.Name)}";
        text.Append($"method {method.Attributes} {method.ImplAttributes} {CompiledNames.Label(metadata.GetString(method.Name))}")
            .Append(CompiledNames.Signature(method.DecodeSignature(names, null))).Append(native).Append('\n');
        Attributes(method.GetCustomAttributes(), names, text);
        foreach (var parameter in method.GetParameters().Select(metadata.GetParameter))
        {
            text.Append("parameter ").Append(metadata.GetString(parameter.Name)).Append(Constant(parameter.GetDefaultValue())).Append('\n');
            Attributes(parameter.GetCustomAttributes(), names, text);
        }

        if (method.RelativeVirtualAddress == 0) return;
        var body = file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            var locals = metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null);
            text.Append("locals ").AppendJoin(',', locals).Append('\n');
        }

        foreach (var region in body.ExceptionRegions)
        {
            var caught = region.CatchType.IsNil ? "" : names.Type(region.CatchType);
            text.Append($"{region.Kind} {region.TryOffset} {region.TryLength} {region.HandlerOffset} {region.HandlerLength} {caught}\n");
        }

        Instructions(body.GetILReader(), names, text);
    }

    private void Instructions(BlobReader body, CompiledNames names, StringBuilder text)
    {
        foreach (var (code, operand) in CompiledInstruction.Of(body))
        {
            text.Append(code.Name).Append(' ');
            _ = (code.OperandType, operand) switch
            {
                (OperandType.InlineString, int token) =>
                    text.Append(metadata.GetUserString((UserStringHandle)MetadataTokens.Handle(token))),
                (OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok
                    or OperandType.InlineSig, int token) => text.Append(names.Member(MetadataTokens.EntityHandle(token))),
                (_, int[] jumps) => text.AppendJoin("", jumps.Select(jump => $"{jump} ")),
                _ => text.Append(operand),
            };
            text.Append('\n');
        }
    }

    private void Attributes(CustomAttributeHandleCollection attributes, CompiledNames names, StringBuilder text)
    {
        foreach (var attribute in attributes.Select(metadata.GetCustomAttribute))
        {
            text.Append("attribute ").Append(names.Member(attribute.Constructor)).Append(' ')
                .Append(attribute.Value.IsNil ? "" : Convert.ToHexString(metadata.GetBlobBytes(attribute.Value))).Append('\n');
        }
    }

    private string Constant(ConstantHandle handle)
    {
        if (handle.IsNil) return "";
        var constant = metadata.GetConstant(handle);
        return $" = {constant.TypeCode} {Convert.ToHexString(metadata.GetBlobBytes(constant.Value))}";
    }
}
