using Harness.Editing.Pipelines;
using Harness.Models;

namespace Harness.Editing.Editors.FullFt;

/// <summary>Full-FT: the common loss on the new answers, all weights.</summary>
internal sealed class FullFtEditor(FullFtOptions options) : IEditor
{
    /// <summary>How the harness knows it.</summary>
    internal static EditorDescriptor Descriptor => EditorDescriptor.Of<FullFtOptions>("full-ft", options => new FullFtEditor(options));

    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        if (session.Model.Config.TiedHead && options.FreezeHead != options.FreezeEmbeddings)
            throw new InputException(
                "full-ft: found freeze-head without freeze-embeddings (or the other way round) on a model whose head is its embedding " +
                "matrix, expected both or neither; set both options alike");
        var names = session.Model.ParameterNames
            .Where(name => !(options.FreezeEmbeddings && name == Sites.Embedding) && !(options.FreezeHead && name == Sites.Head)).ToList();
        var samples = TrainingSamples.New(session, requests, options.Tuning.AppendEos);
        return TunedWeights.Run(session, requests, names, new FineTuner(session, options.Tuning), samples);
    }
}
