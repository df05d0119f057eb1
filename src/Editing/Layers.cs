namespace Harness.Editing;

/// <summary>Checks layer numbers against the model of a session.</summary>
internal static class Layers
{
    /// <summary>Every layer must exist.</summary>
    /// <exception cref="InputException">Names the editor, the layers out of range and the range.</exception>
    public static void Check(EditSession session, string editor, IReadOnlyList<int> layers)
    {
        var count = session.Model.Config.Layers;
        var wrong = layers.Where(layer => layer < 0 || layer >= count).ToList();
        if (wrong.Count > 0)
        {
            throw new InputException(
                $"Editor '{editor}': found layer {string.Join(", ", wrong)}, expected 0 to {count - 1}: the model has {count} layers.");
        }
    }
}
