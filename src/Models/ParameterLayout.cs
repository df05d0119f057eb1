namespace Harness.Models;

/// <summary>Name and shape of every parameter of a model, in the one fixed order.</summary>
internal static class ParameterLayout
{
    public static IReadOnlyList<(string Name, long[] Shape)> Of(TransformerConfig config)
    {
        var (width, shared) = (config.Width, config.KeyValueHeads * config.HeadWidth);
        var layout = new List<(string, long[])> { (Sites.Embedding, [config.VocabularySize, width]) };
        for (var layer = 0; layer < config.Layers; layer++)
        {
            layout.AddRange(
            [
                (Sites.Query(layer), [width, width]),
                (Sites.Key(layer), [shared, width]),
                (Sites.Value(layer), [shared, width]),
                (Sites.Output(layer), [width, width]),
                (Sites.Gate(layer), [config.MlpWidth, width]),
                (Sites.Up(layer), [config.MlpWidth, width]),
                (Sites.DownProjection(layer), [width, config.MlpWidth]),
                (Sites.AttentionNorm(layer), [width]),
                (Sites.MlpNorm(layer), [width]),
            ]);
        }

        layout.Add((Sites.FinalNorm, [width]));
        if (!config.TiedHead) layout.Add((Sites.Head, [config.VocabularySize, width]));
        return layout;
    }
}
