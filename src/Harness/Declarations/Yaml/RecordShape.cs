using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Harness.Declarations.Yaml;

/// <summary>
/// What a record type can be given: its constructor's parameters and its settable properties, under their kebab-case keys.
/// </summary>
internal sealed class RecordShape
{
    // By name: ScottPlot has a public type of that name too, and the compiler cannot tell which is meant.
    private const string Required = "System.Runtime.CompilerServices.RequiredMemberAttribute";

    private RecordShape(ConstructorInfo constructor, IReadOnlyList<RecordMember> members) =>
        (Constructor, Members) = (constructor, members);

    /// <summary>The public constructor that is called: the one with the most parameters.</summary>
    public ConstructorInfo Constructor { get; }

    /// <summary>Its members in order of declaration, constructor parameters first.</summary>
    public IReadOnlyList<RecordMember> Members { get; }

    /// <summary>Reads the shape of a type by reflection.</summary>
    public static RecordShape Of(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)
            ?? throw new NotSupportedException($"{type} has no public constructor and cannot be declared in YAML");
        var nullability = new NullabilityInfoContext();
        var parameters = constructor.GetParameters();
        var members = parameters.Select(parameter => new RecordMember(
            Key(parameter.Name!), parameter.ParameterType, !parameter.HasDefaultValue, IsNullable(nullability.Create(parameter)),
            parameter, type.GetProperty(parameter.Name!))).ToList();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(property => property.MetadataToken))
        {
            if (property.SetMethod is not { IsPublic: true }
                || property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always }
                || parameters.Any(p => p.Name == property.Name))
                continue;
            var required = property.CustomAttributes.Any(attribute => attribute.AttributeType.FullName == Required);
            var key = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? Key(property.Name);
            members.Add(new RecordMember(key, property.PropertyType, required, IsNullable(nullability.Create(property)), null, property));
        }

        return new RecordShape(constructor, members);
    }

    /// <summary>
    /// Makes an instance from the values of some members; the others are those of <paramref name="basis"/>, or the type's defaults.
    /// </summary>
    /// <exception cref="TargetInvocationException">The record refused a value.</exception>
    public object Create(IReadOnlyDictionary<string, object?> values, object? basis)
    {
        var instance = basis is null
            ? Constructor.Invoke(
                [.. Parameters.Select(member => values.TryGetValue(member.Key, out var value) ? value : member.Parameter!.DefaultValue)])
            : Type.GetMethod("<Clone>$")!.Invoke(basis, null)!;
        foreach (var member in Members.Where(member => basis is not null || member.Parameter is null))
        {
            if (values.TryGetValue(member.Key, out var value))
                member.Property!.SetValue(instance, value);
        }

        return instance;
    }

    /// <summary>An instance that shows the members' defaults; null where the constructor has parameters without one.</summary>
    public object? Prototype() =>
        Parameters.Any(member => member.Required)
            ? null
            : Constructor.Invoke([.. Parameters.Select(member => member.Parameter!.DefaultValue)]);

    private IEnumerable<RecordMember> Parameters => Members.Where(member => member.Parameter is not null);

    private Type Type => Constructor.DeclaringType!;

    private static string Key(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private static bool IsNullable(NullabilityInfo info) =>
        info.WriteState is NullabilityState.Nullable || info.ReadState is NullabilityState.Nullable;
}

/// <summary>One member of a record.</summary>
/// <param name="Key">Its key in YAML.</param>
/// <param name="Type">Its type.</param>
/// <param name="Required">Whether it has no default.</param>
/// <param name="Nullable">Whether it takes null.</param>
/// <param name="Parameter">The constructor's parameter, or null for a property.</param>
/// <param name="Property">The property; null only for a parameter of a type that is not a positional record.</param>
internal sealed record RecordMember(string Key, Type Type, bool Required, bool Nullable, ParameterInfo? Parameter, PropertyInfo? Property);
