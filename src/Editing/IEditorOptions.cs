namespace Harness.Editing;

/// <summary>Options of an editor: a sealed record whose every number has a default, a unit, a range and a source.</summary>
public interface IEditorOptions
{
    /// <summary>
    /// Every violation that can be seen without a model, each as "name: found …, expected …"; empty where all is well. What depends on the
    /// model, such as a layer's range, is checked when editing.
    /// </summary>
    IReadOnlyList<string> Validate();

    /// <summary>
    /// The same options for edits that come in batches one after another, each made on the model that the earlier ones left; null where the
    /// editor does not work in batches of that size.
    /// </summary>
    /// <param name="batchSize">Edits that come at once, at least 1.</param>
    IEditorOptions? Sequential(int batchSize) => null;
}
