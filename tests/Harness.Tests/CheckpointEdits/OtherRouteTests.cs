using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

/// <summary>What each editor leaves in a folder is one model, whichever of the folder's sources a reader takes.</summary>
public sealed class OtherRouteTests
{
    private static readonly string[] Tuning = ["tuning.epochs=4", "tuning.learning-rate=1e-2"];
    private static readonly string[] Delicate = ["max-rounds=2", "inner-learning-rate=1e-2"];
    private static readonly string[] Located = ["value.steps=4", "contexts.lengths=[4]", "contexts.per-length=1"];

    private static readonly Dictionary<string, string[]> Assignments = new()
    {
        ["dft-ft"] = Delicate,
        ["dft-lora"] = Delicate,
        ["rome"] = [.. Located, "covariance-ridge=1e-3"],
        ["r-rome"] = [.. Located, "covariance-ridge=1e-3"],
        ["memit"] = Located,
        ["memit-seq"] = Located,
        ["emmet"] = Located,
        ["pmet"] = Located,
        ["rect"] = [.. Located.Select(option => $"memit.{option}")],
        ["prune"] = [.. Located.Select(option => $"memit.{option}")],
        ["alphaedit"] = [.. Located, "null-threshold=0.5"],
        ["ultraedit"] = ["learning-rate=1e-2"],
        ["mend"] = ["training.layers=[1]", "training.rank=4", "training.steps=2", "training.batches-per-step=1"],
        ["rledit"] = ["training.rank=4", "training.edit-rate=1e-1", "training.turn-size=1"],
        ["memit-csk"] = Located,
        ["recadam"] = [.. Tuning, "pull=10", "annealing-middle=1"],
        ["pcgu"] = ["learning-rate=1e-1", "vectors=200"],
        ["knowledge-editor"] =
            ["training.layers=[1]", "training.hidden-width=4", "training.condition-width=4", "training.kept=1", "training.steps=2"],
        ["editable-training"] =
            ["training.kept=1", "training.steps=2", "training.edit-rate=1e-2"],
        ["knowledge-neurons"] = ["steps=3", "contexts.lengths=[4]", "contexts.per-length=1"],
    };

    // Every editor on one family or the other, and what changes the embedding, the tied head, on all.
    public static IEnumerable<object[]> Editors => EditorRegistry.All.Where(editor => editor.LoadModule is null)
        .Select((editor, i) => new object[] { editor.Name, i % 2 == 0 ? "llama" : "gpt2" })
        .Concat([["full-ft", "gpt2"], ["full-ft", "bloom"]]);

    [Theory]
    [MemberData(nameof(Editors))]
    public void Every_source_in_the_folder_is_the_edited_model(string editor, string family)
    {
        using var scope = NewDisposeScope();
        using var checkpoint = new TinyCheckpoint(family, ScalarType.BFloat16, tied: true);
        Routes.StoreHead(checkpoint.Weights);
        Shards.Split(checkpoint.Weights);
        var options = Assignments.GetValueOrDefault(editor, Tuning).Select(option => $"{editor}.{option}");
        var report = checkpoint.Run(checkpoint.Request(editor, [.. options])).Report;
        Assert.NotEmpty(report.Changed);
        Assert.NotEqual(report.Edited, report.Written);
        Assert.Equal(EditedFolder.HashesOf(checkpoint.Out), report.Written);

        var tokens_BT = tensor(new long[] { 2, 60, 70, 80, 90, 100 }, [1, 6]);
        Tensor? expected_BTV = null;
        foreach (var folder in Routes.Of(checkpoint.Out))
        {
            using var model = Transformer.Load(folder);
            Assert.Equal(report.Facts.Select(fact => fact.After), checkpoint.Answers(model));
            var logits_BTV = model.Logits(tokens_BT);
            Assert.Equal((expected_BTV ??= logits_BTV).bytes.ToArray(), logits_BTV.bytes.ToArray());
        }
    }
}
