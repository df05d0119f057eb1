using Harness.Declarations.Yaml;
using Harness.Editing;

namespace Harness.Declarations;

/// <summary>Options of one editor from assignments alone, where there is no experiment.</summary>
public static class EditorAssignments
{
    /// <summary>Makes the options record of an editor; what is not assigned has its default.</summary>
    /// <param name="editor">The editor.</param>
    /// <param name="assignments">As in <see cref="ExperimentOverrides.Set"/>; later ones win.</param>
    /// <exception cref="InputException">Every assignment that is wrong, one a line, and every option that has neither default nor
    /// value.</exception>
    public static object Bind(EditorDescriptor editor, IReadOnlyList<string> assignments)
    {
        var errors = new DeclarationErrors();
        var set = new ExperimentOverrides { Set = assignments }.ReadSet(errors);
        foreach (var other in set.Entries.Where(entry => entry.Key != editor.Name))
            errors.Add(other.Value.Place,
                $"found editor '{other.Key}', expected {editor.Name}, which --editor names; correct it or leave it out.");
        var place = new YamlPlace("--set", 0, 0);
        var bound = new EditorOptions([editor], set, errors)
            .Read([new DeclaredRow(editor.Name, editor.Name, editor.Name, place, new YamlMap(place, []))]);
        errors.ThrowIfAny();
        return bound[0].Options!;
    }
}
