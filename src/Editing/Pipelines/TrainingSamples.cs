using Harness.Models;

namespace Harness.Editing.Pipelines;

/// <summary>Turns edits into sequences to train on. Everything is done in token ids.</summary>
internal static class TrainingSamples
{
    /// <summary>Each prompt with its new answer.</summary>
    public static IReadOnlyList<Sequence> New(EditSession session, IReadOnlyList<EditRequest> requests, bool appendEos) =>
        [.. requests.Select(request => session.Encode(request.Prompt, request.TargetNew, appendEos))];

    /// <summary>Each prompt with its old answer.</summary>
    public static IReadOnlyList<Sequence> Old(EditSession session, IReadOnlyList<EditRequest> requests, bool appendEos) =>
        [.. requests.Select(request => session.Encode(request.Prompt, request.TargetOld, appendEos))];
}
