namespace Harness.Editing;

/// <summary>Checks layer numbers against the model of a session.</summary>
internal static class Layers
{
    /// <summary>Every layer must exist.</summary>
    /// <exception cref="InputException">Names the editor, the layers out of range and the range.</exception>
    /// <param name="session">Has the model.</param>
    /// <param name="editor">Name, for the message.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="mayHaveExperts">Whether the editor can work on a mixture of experts, which has no one down-projection.</param>
    public static void Check(EditSession session, string editor, IReadOnlyList<int> layers, bool mayHaveExperts = false)
    {
        var count = session.Model.Config.Layers;
        var wrong = layers.Where(layer => layer < 0 || layer >= count).ToList();
        if (wrong.Count > 0)
        {
            throw new InputException(
                $"Editor '{editor}': found layer {string.Join(", ", wrong)}, expected 0 to {count - 1}: the model has {count} layers.");
        }

        if (!mayHaveExperts && layers.FirstOrDefault(session.Model.Config.HasExperts, -1) is >= 0 and var mixed)
            throw new InputException($"Editor '{editor}': found experts in layer {mixed}, expected one MLP with its down-projection; " +
                "take locft-bf or another layer.");
    }
}
