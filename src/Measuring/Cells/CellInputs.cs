using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harness.Measuring.Cells;

/// <summary>
/// Inputs by role: the names of an inputs record's properties (<c>dataset</c>, <c>model</c>), and of a property with several inputs those
/// below it (<c>trainings/mend</c>).
/// </summary>
public static class CellInputs
{
    /// <summary>The inputs of a record by role, in the record's order; those that there are not are left out.</summary>
    /// <param name="inputs">An inputs record.</param>
    public static OrderedDictionary<string, T> ByRole<TCell, T>(ICellInputs<TCell, T> inputs)
        where TCell : Cell
        where T : class
    {
        var found = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var property in inputs.GetType().GetProperties())
        {
            var role = JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name);
            if (property.GetValue(inputs) is T one) found.Add(role, one);
            else if (property.GetValue(inputs) is IReadOnlyDictionary<string, T> several)
                foreach (var (name, input) in several) found.Add($"{role}/{name}", input);
        }

        return found;
    }

    /// <summary>The record with folders.</summary>
    /// <exception cref="JsonException">A role is missing that the record needs, or is none of its.</exception>
    internal static TInputs FromRoles<TInputs>(IReadOnlyDictionary<string, string> folders)
    {
        var tree = new JsonObject();
        foreach (var (role, folder) in folders)
        {
            if (role.Split('/', 2) is [var several, var name])
            {
                if (!tree.ContainsKey(several)) tree[several] = new JsonObject();
                tree[several]![name] = folder;
            }
            else
            {
                tree[role] = folder;
            }
        }

        return CanonicalJson.FromNode<TInputs>(tree);
    }
}
