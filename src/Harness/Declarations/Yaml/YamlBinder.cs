using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Measuring.Yaml;

namespace Harness.Declarations.Yaml;

/// <summary>
/// Binds YAML to records: kebab-case keys to constructor parameters and settable properties. Unknown and missing keys and wrong types are
/// noted with their place, all of them; nothing is converted silently. Where a member's default is a record, the YAML changes only the keys
/// that it names. A member of a <see cref="YamlItem"/> type receives the YAML as it is.
/// </summary>
/// <param name="errors">Receives what is wrong.</param>
public sealed class YamlBinder(DeclarationErrors errors)
{
    /// <summary>Binds to <typeparamref name="T"/>; see the other overload.</summary>
    public T? Bind<T>(YamlItem item, string owner) where T : class => (T?)Bind(typeof(T), item, owner);

    /// <summary>Binds one item to a type.</summary>
    /// <param name="type">A record, or anything that a record's member may be.</param>
    /// <param name="item">The YAML.</param>
    /// <param name="owner">Its name in errors, for example <c>editor 'rome'</c>.</param>
    /// <param name="given">Members that come from elsewhere, by key; the YAML may not set them.</param>
    /// <param name="alsoKnown">Keys that the caller reads itself, to be listed among the known ones.</param>
    /// <returns>The value, or null after an error.</returns>
    public object? Bind(
        Type type, YamlItem item, string owner,
        IReadOnlyDictionary<string, object?>? given = null, IReadOnlyList<string>? alsoKnown = null) =>
        type.IsAssignableTo(typeof(YamlItem)) || YamlScalars.Handles(type) || ListOf(type) is not null || MapOf(type) is not null
            ? TryBind(type, item, new Owner(owner, ""), nullable: false, out var value) ? value : null
            : BindRecord(type, item, new Owner(owner, ""), given, alsoKnown, null);

    private bool TryBind(Type type, YamlItem item, Owner owner, bool nullable, out object? value, object? basis = null)
    {
        value = null;
        var inner = Nullable.GetUnderlyingType(type);
        if ((nullable || inner is not null) && item is YamlScalar { IsNull: true })
            return true;
        type = inner ?? type;
        if (type.IsAssignableTo(typeof(YamlItem)))
        {
            value = type.IsInstanceOfType(item) ? item : null;
            if (value is null)
                Wrong(item, owner, type == typeof(YamlMap) ? "keys and values" : type == typeof(YamlList) ? "a list" : "a single value");
        }
        else if (YamlScalars.Handles(type))
        {
            value = BindScalar(type, item, owner);
        }
        else if (ListOf(type) is { } element)
        {
            value = BindList(element, item, owner);
        }
        else
        {
            value = MapOf(type) is { } entry ? BindMap(entry, item, owner) : BindRecord(type, item, owner, null, null, basis);
        }

        return value is not null;
    }

    private object? BindScalar(Type type, YamlItem item, Owner owner)
    {
        if (item is YamlScalar scalar && YamlScalars.TryConvert(type, scalar, out var value))
            return value;
        if (type.IsEnum && item is YamlScalar { IsNull: false, Text: var found })
        {
            var unknown = DeclarationErrors.Unknown($"name '{found}'", found, [.. YamlScalars.Names(type).Keys], "Known: ");
            errors.Add(item.Place, $"{owner.Subject}: {unknown}");
        }
        else
        {
            Wrong(item, owner, YamlScalars.Expected(type));
        }

        return null;
    }

    private Array? BindList(Type element, YamlItem item, Owner owner)
    {
        if (item is not YamlList list)
        {
            Wrong(item, owner, "a list");
            return null;
        }

        var bound = Array.CreateInstance(element, list.Items.Count);
        var good = true;
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (TryBind(element, list.Items[i], owner.At($"[{i}]"), nullable: false, out var value))
                bound.SetValue(value, i);
            else
                good = false;
        }

        return good ? bound : null;
    }

    private IDictionary? BindMap(Type element, YamlItem item, Owner owner)
    {
        if (item is not YamlMap map)
        {
            Wrong(item, owner, "keys and values");
            return null;
        }

        var bound = (IDictionary)Activator.CreateInstance(typeof(OrderedDictionary<,>).MakeGenericType(typeof(string), element))!;
        var good = true;
        foreach (var entry in map.Entries)
        {
            if (TryBind(element, entry.Value, owner.At(entry.Key), nullable: false, out var value))
                bound.Add(entry.Key, value);
            else
                good = false;
        }

        return good ? bound : null;
    }

    private object? BindRecord(
        Type type, YamlItem item, Owner owner, IReadOnlyDictionary<string, object?>? given, IReadOnlyList<string>? alsoKnown, object? basis)
    {
        if (item is not YamlMap map)
        {
            Wrong(item, owner, "keys and values");
            return null;
        }

        var shape = RecordShape.Of(type);
        var values = given is null ? [] : new Dictionary<string, object?>(given, StringComparer.Ordinal);
        var open = shape.Members.Where(member => !values.ContainsKey(member.Key)).ToList();
        List<string> known = [.. alsoKnown ?? [], .. open.Select(member => member.Key)];
        var defaults = basis ?? shape.Prototype();
        var good = true;
        foreach (var entry in map.Entries)
        {
            if (open.Find(member => member.Key == entry.Key) is not { } member)
            {
                good = false;
                errors.Add(entry.Place, DeclarationErrors.Unknown($"key '{entry.Key}' in {owner}", entry.Key, known, "Known keys: "));
            }
            else if (TryBind(member.Type, entry.Value, owner.At(member.Key), member.Nullable, out var value, DefaultOf(member)))
            {
                values[member.Key] = value;
            }
            else
            {
                good = false;
            }
        }

        foreach (var member in open.Where(member => basis is null && member.Required && map.Find(member.Key) is null))
        {
            good = false;
            errors.Add(map.Place, $"missing key '{member.Key}' in {owner}; expected {ExpectedOf(member.Type)}.");
        }

        return good ? Create(shape, values, basis, map, owner) : null;

        object? DefaultOf(RecordMember member) => defaults is null ? null : member.Property?.GetValue(defaults);
    }

    private object? Create(RecordShape shape, Dictionary<string, object?> values, object? basis, YamlMap map, Owner owner)
    {
        try
        {
            return shape.Create(values, basis);
        }
        catch (TargetInvocationException failure) when (failure.InnerException is InputException or ArgumentException)
        {
            errors.Add(map.Place, $"{owner}: {failure.InnerException.Message}");
            return null;
        }
    }

    private void Wrong(YamlItem item, Owner owner, string expected) =>
        errors.Add(item.Place, $"{owner.Subject}: found {item.Description}, expected {expected}.");

    private static string ExpectedOf(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return YamlScalars.Handles(inner) ? YamlScalars.Expected(inner) : ListOf(inner) is not null ? "a list" : "keys and values";
    }

    private static Type? ListOf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();
        return type.IsGenericType && type.IsInterface && type.GetGenericArguments() is [var element]
            && type.IsAssignableFrom(element.MakeArrayType())
                ? element
                : null;
    }

    private static Type? MapOf(Type type) =>
        type.IsGenericType && type.GetGenericArguments() is [var key, var element] && key == typeof(string)
            && type.IsAssignableFrom(typeof(OrderedDictionary<,>).MakeGenericType(key, element)) ? element : null;

    /// <summary>Whose member is being bound, for errors: the whole thing and the path to the member.</summary>
    private readonly record struct Owner(string Name, string Path)
    {
        /// <summary>The member itself, as a sentence's subject.</summary>
        public string Subject => Path.Length == 0 ? Name : $"'{Path}' of {Name}";

        /// <summary>A member of it.</summary>
        public Owner At(string member) =>
            this with { Path = Path.Length == 0 || member.StartsWith('[') ? Path + member : $"{Path}.{member}" };

        /// <summary>As something that has keys.</summary>
        public override string ToString() => Subject;
    }
}

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
