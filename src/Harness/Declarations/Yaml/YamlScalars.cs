using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Measuring.Yaml;

namespace Harness.Declarations.Yaml;

/// <summary>
/// Turns single values into numbers, truth values, text and enum members, strictly: a quoted number is text, a number in words is an error.
/// </summary>
internal static class YamlScalars
{
    /// <summary>Whether <see cref="TryConvert"/> handles a type.</summary>
    public static bool Handles(Type type) => type.IsEnum || Expected(type).Length > 0;

    /// <summary>What a type takes, in an error's words.</summary>
    public static string Expected(Type type) =>
        type == typeof(string) ? "text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type.IsEnum ? $"one of {string.Join(", ", Names(type).Keys)}"
        : "";

    /// <summary>Converts a scalar; false where its text is not of that type.</summary>
    public static bool TryConvert(Type type, YamlScalar scalar, out object? value)
    {
        value = null;
        if (scalar.IsNull)
            return false;
        if (type == typeof(string))
            value = scalar.Text;
        else if (type.IsEnum)
            value = Names(type).GetValueOrDefault(scalar.Text);
        else if (!scalar.Plain)
            return false;
        else if (type == typeof(bool))
            value = scalar.Text switch { "true" => true, "false" => false, _ => null };
        else if (type == typeof(int)
            && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            value = whole;
        else if (type == typeof(long)
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wide))
            value = wide;
        else if (type == typeof(double) && double.TryParse(scalar.Text, Decimal, CultureInfo.InvariantCulture, out var real)
            && double.IsFinite(real))
            value = real;
        return value is not null;
    }

    /// <summary>The members of an enum by the names that canonical JSON gives them, in order of declaration.</summary>
    public static OrderedDictionary<string, object> Names(Type type)
    {
        var names = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var name = field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
                ?? JsonNamingPolicy.KebabCaseLower.ConvertName(field.Name);
            names.Add(name, field.GetValue(null)!);
        }

        return names;
    }

    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
}
