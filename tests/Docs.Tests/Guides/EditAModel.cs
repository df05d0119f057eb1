using Harness.Editing;
using Harness.Editing.Editors.LocFtBf;
using Harness.Measuring.Data;
using Harness.Measuring.Metrics;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Generation;
using Harness.Models.Tokenizers;

namespace Harness.Tests.Docs.Guides;

/// <summary>The code of docs/use-from-csharp.md.</summary>
internal static class EditAModel
{
    public static (string Before, string After) Run(string folder, string edited)
    {
        using var model = Transformer.Load(folder);
        var tokenizer = BpeTokenizer.LoadFolder(folder);
        string Ask(string prompt) => tokenizer.Decode(GreedyDecoder.Decode(model,
            [.. tokenizer.Prefix, .. tokenizer.EncodeToIds(prompt)], maxNewTokens: 8, GreedyDecoder.StopAt(tokenizer, ".", "\n"))).Trim();

        const string Prompt = "Ada Byron was born in";
        var before = Ask(Prompt);
        var fact = new EditRequest(Id: 0, Subject: "Ada Byron", Prompt, TargetNew: "Paris", TargetOld: before);
        var options = new LocFtBfOptions { Layer = 1, Tuning = new() { LearningRate = 1e-2, Epochs = 50 } };
        var editor = EditorRegistry.Find("locft-bf").Create(options);
        using var edit = editor.Edit(new EditSession { Model = model, Tokenizer = tokenizer, Seed = 1 }, [fact]);

        using var applied = edit.ApplyTo(model);
        var after = Ask(Prompt);
        EditedFolder.Write(model, folder, edited, [.. edit.Deltas.Select(delta => delta.Parameter)]);
        return (before, after);
    }

    public static double[] Score(Transformer model, BpeTokenizer tokenizer, Edit edit, IReadOnlyList<EditCase> cases)
    {
        var options = new ScoringOptions(Protocol.TfAll, LocalityDefinition.SameArgmax);
        var untouched = new Scorer(new EditedModel(model), tokenizer, options).LocalityOutputs(cases);
        using var applied = edit.ApplyTo(model);
        var scores = new Scorer(new EditedModel(model, edit.Module), tokenizer, options).Score(cases, untouched);
        string[] metrics = ["reliability", "generality", "locality"];
        return [.. metrics.Select(metric => scores.Average(score => score.Values[metric]))];
    }

    public static void Keep(Transformer model, Edit edit, string file)
    {
        edit.Save(file, edit.BaseIn(model));
        using var again = Edit.Load(file);
        using (again.ApplyTo(model))
        {
            // The model is the edited one here,
        }

        // and the unedited one here, bit for bit.
    }

    public static EditCase Case { get; } = new()
    {
        Id = 0,
        Subject = "Ada Byron",
        Prompt = "Ada Byron was born in",
        TargetNew = "Paris",
        TargetOld = "London",
        Rephrases = ["The birthplace of Ada Byron is"],
        Locality = [new Question("Alan Turing was born in", "London")],
    };
}
