using System.Text.Json.Nodes;
using Harness.CheckpointEdits;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.CheckpointEdits;

public sealed class FactEditTests
{
    private static readonly string[] FullFt = ["full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40"];

    [Theory]
    [InlineData("full-ft", "llama", ScalarType.Float32, "full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40")]
    [InlineData("full-ft", "llama", ScalarType.BFloat16, "full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40")]
    [InlineData("full-ft", "gpt2", ScalarType.Float16, "full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40")]
    [InlineData("full-ft", "bloom", ScalarType.BFloat16, "full-ft.tuning.learning-rate=3e-3", "full-ft.tuning.epochs=40")]
    [InlineData("ft-c", "llama", ScalarType.BFloat16, "ft-c.tuning.learning-rate=5e-2", "ft-c.epsilon=1")]
    [InlineData("locft-bf", "gpt2", ScalarType.Float32, "locft-bf.tuning.learning-rate=5e-2", "locft-bf.layer=1")]
    [InlineData("lora", "bloom", ScalarType.Float32, "lora.tuning.learning-rate=2e-2", "lora.dropout=0")]
    [InlineData("rome", "llama", ScalarType.BFloat16, "rome.covariance-ridge=1e-3", "rome.value.steps=10")]
    [InlineData("rome", "gpt2", ScalarType.Float32, "rome.covariance-ridge=1e-3", "rome.value.steps=10")]
    public void What_is_written_answers_as_what_was_measured(string editor, string family, ScalarType dtype, params string[] assignments)
    {
        using var checkpoint = new TinyCheckpoint(family, dtype);
        var original = TinyCheckpoint.Bytes(checkpoint.Model);
        var report = checkpoint.Run(checkpoint.Request(editor, assignments)).Report;
        Assert.Equal(original, TinyCheckpoint.Bytes(checkpoint.Model));
        Assert.Equal(original.Keys.Append(FactOutput.ReportFile).Order(StringComparer.Ordinal), TinyCheckpoint.Bytes(checkpoint.Out).Keys);
        if (editor != "rome") Assert.Equal((1, 1), (report.After.Reliability.TfAll, report.After.Reliability.TfToken));

        using var edited = Transformer.Load(checkpoint.Out);
        Assert.Equal(report.Facts.Select(fact => fact.After), checkpoint.Answers(edited));
        Assert.Equal(report.Facts.Select(fact => fact.Answered),
            Enumerable.Range(0, 2).Select(fact => checkpoint.Exam(edited).After(null, default).IsExact[fact]));
        using var before = Transformer.Load(checkpoint.Model);
        Assert.Equal(report.Facts.Select(fact => fact.Before), checkpoint.Exam(before).Before(default).Answers);
    }

    [Theory]
    [InlineData("full-ft", "llama", ScalarType.BFloat16)]
    [InlineData("full-ft", "bloom", ScalarType.Float32)]
    [InlineData("lora", "gpt2", ScalarType.BFloat16)]
    public void The_changes_alone_make_the_same_model(string editor, string family, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var checkpoint = new TinyCheckpoint(family, dtype);
        var request = checkpoint.Request(editor, $"{editor}.tuning.learning-rate=3e-3", $"{editor}.tuning.epochs=5");
        var report = checkpoint.Run(request).Report;
        var changes = checkpoint.Out + "-delta";
        checkpoint.Run(request with { Out = changes, DeltaOnly = true });
        Assert.Equal(["edit.json", "edit.safetensors"], TinyCheckpoint.Bytes(changes).Keys);
        var whole = JsonNode.Parse(File.ReadAllText(Path.Combine(checkpoint.Out, FactOutput.ReportFile)))!;
        Assert.Equal(["model.safetensors"], whole["written"]!.AsObject().Select(file => file.Key));
        whole["written"] = null;
        Assert.True(JsonNode.DeepEquals(whole, JsonNode.Parse(File.ReadAllText(Path.Combine(changes, "edit.json")))));

        using var edit = Edit.Load(Path.Combine(changes, FactOutput.DeltaFile));
        using var model = Transformer.Load(checkpoint.Model);
        edit.AddTo(model);
        model.RoundToStored(edit.Deltas.Select(delta => delta.Parameter));
        using var copy = Transformer.Load(checkpoint.Out);
        Assert.All(model.ParameterNames, name => Assert.Equal(copy.Parameter(name).bytes.ToArray(), model.Parameter(name).bytes.ToArray()));
        Assert.Equal(report.Facts.Select(fact => fact.After), checkpoint.Answers(model));
    }

    [Theory]
    [InlineData("grace", ScalarType.Float32, "grace.steps=30", "grace.radius=0.1")]
    [InlineData("wise", ScalarType.BFloat16, "wise.steps=5", "wise.contexts.lengths=[]", "wise.contexts.per-length=0")]
    [InlineData("ike", ScalarType.Float32, "ike.fact-label=x", "ike.answer-tokens=4")]
    [InlineData("serac", ScalarType.BFloat16, "serac.training.scope-steps=5", "serac.training.tuning.epochs=2", "serac.threshold=0",
        "serac.answer-tokens=4")]
    [InlineData("t-patcher", ScalarType.Float32, "t-patcher.steps=40", "t-patcher.first-check=20", "t-patcher.learning-rate=1e-1")]
    [InlineData("calinet", ScalarType.BFloat16, "calinet.neurons=8", "calinet.tuning.epochs=20", "calinet.tuning.learning-rate=1e-1")]
    [InlineData("nkb", ScalarType.Float32, "nkb.slots=8", "nkb.tuning.epochs=20", "nkb.tuning.learning-rate=1e-1")]
    [InlineData("memprompt", ScalarType.BFloat16, "memprompt.threshold=-1", "memprompt.answer-tokens=4", "memprompt.shots=0")]
    [InlineData("plug-and-play", ScalarType.BFloat16, "plug-and-play.threshold=-1", "plug-and-play.adapter.rank=4",
        "plug-and-play.adapter.tuning.epochs=20", "plug-and-play.adapter.tuning.learning-rate=1e-2")]
    public void What_is_kept_beside_the_weights_acts_when_it_is_asked_and_is_written(
        string editor, ScalarType dtype, params string[] assignments)
    {
        using var checkpoint = new TinyCheckpoint(dtype: dtype);
        var request = checkpoint.Request(editor, assignments) with { DeltaOnly = true, CacheBytes = 0 };
        var lines = new List<string>();
        var report = FactEdit.Prepare(request).Run(checkpoint.Model, new Lines(lines), CancellationToken.None).Report;
        Assert.Equal(editor is "t-patcher" or "calinet" or "nkb" ? 0 : 1,
            lines.Count(line => line.Contains($" of 2 prompts are answered by what {editor} keeps", StringComparison.Ordinal)));
        Assert.Equal(["edit.json", "edit.safetensors"], TinyCheckpoint.Bytes(checkpoint.Out).Keys);
        Assert.Equal(EditorRegistry.Find(editor).Examples == ExampleUse.None ? 0 : 2, report.Examples);
        Assert.NotEqual(report.Facts.Select(fact => fact.Before), report.Facts.Select(fact => fact.After));

        using var edit = Edit.Load(Path.Combine(checkpoint.Out, FactOutput.DeltaFile));
        Assert.Equal(editor, edit.Module!.Kind);
        using var model = Transformer.Load(checkpoint.Model);
        using var applied = edit.ApplyTo(model);
        Assert.Equal(report.Facts.Select(fact => fact.After), checkpoint.Answers(model, edit.Module));
    }

    [Theory]
    [InlineData("mend", "mend.training.layers=[1]", "mend.training.rank=4", "mend.training.steps=2", "mend.training.edit-rate=1",
        "mend.training.batches-per-step=1")]
    [InlineData("rledit", "rledit.training.rank=4", "rledit.training.edit-rate=1e-1", "rledit.training.turn-size=1")]
    public void What_an_editor_learns_first_is_learnt_from_the_examples(string editor, params string[] assignments)
    {
        using var checkpoint = new TinyCheckpoint();
        var lines = new List<string>();
        var result = FactEdit.Prepare(checkpoint.Request(editor, assignments))
            .Run(checkpoint.Model, new Lines(lines), CancellationToken.None);
        Assert.Contains($"training {editor} on 2 examples", lines);
        Assert.Contains("training", result.Seconds.Select(part => part.Part));
        Assert.Equal(2, result.Report.Examples);
        using var edited = Transformer.Load(checkpoint.Out);
        Assert.Equal(result.Report.Facts.Select(fact => fact.After), checkpoint.Answers(edited));
    }

    [Fact]
    public void Editors_that_only_draw_on_examples_do_without()
    {
        using var checkpoint = new TinyCheckpoint();
        var request = checkpoint.Request("t-patcher", "t-patcher.steps=5") with { DeltaOnly = true, Examples = null };
        Assert.Equal(0, checkpoint.Run(request).Report.Examples);
        Assert.Equal(0, checkpoint.Run(
            checkpoint.Request("ike") with { DeltaOnly = true, Examples = null, Out = checkpoint.Out + "2" }).Report.Examples);
    }

    [Fact]
    public void Every_editor_that_keeps_something_beside_the_weights_asks_for_the_changes_only()
    {
        using var checkpoint = new TinyCheckpoint();
        string[] refused = [
            .. EditorRegistry.All.Select(editor => editor.Name).Where(name => PrepareError(checkpoint.Request(name)) is not null)];
        Assert.Equal(["grace", "wise", "ike", "serac", "t-patcher", "calinet", "nkb", "memprompt", "plug-and-play"], refused);
        Assert.Equal(
            "--editor: found 'grace', which keeps its edits beside the weights, " +
                "expected an editor that changes weights alone, as a folder that other tools read "
                + "holds nothing else; add --delta to write the edit for this harness, or take another editor",
            PrepareError(checkpoint.Request("grace")));
        Assert.All(EditorRegistry.All, editor => Assert.Null(PrepareError(checkpoint.Request(editor.Name) with { DeltaOnly = true })));
    }

    [Fact]
    public void Every_editor_that_learns_from_examples_asks_for_them()
    {
        using var checkpoint = new TinyCheckpoint();
        var missing = EditorRegistry.All.ToDictionary(
            editor => editor.Name, editor => PrepareError(checkpoint.Request(editor.Name) with { DeltaOnly = true, Examples = null }));
        Assert.Equal(["mend", "rledit", "wise", "serac", "crispedit", "knowledge-editor", "editable-training"],
            missing.Where(pair => pair.Value is not null).Select(pair => pair.Key));
        Assert.Equal(
            "--examples: missing; editor mend learns from facts that are not edited: --examples=FILE, in the format of --facts",
                missing["mend"]);
    }

    [Fact]
    public void Examples_that_are_edited_or_that_nobody_reads_are_an_error()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllText(checkpoint.ExamplesFile,
            TinyCheckpoint.ExampleLines + "\n{\"prompt\": \"Ada Byron was born in\", \"target\": \"Oslo\"}\n");
        Assert.Equal(
            $"{checkpoint.ExamplesFile}(3): found prompt 'Ada Byron was born in', which is the prompt of {checkpoint.FactsFile}(1) too, " +
                "answered 'Oslo' here and 'Paris' there, expected facts that are not edited; remove it",
            PrepareError(checkpoint.Request("mend")));
        Assert.Equal(
            $"--examples: found {checkpoint.ExamplesFile}, expected nothing: editor rome takes no examples; leave it out",
            PrepareError(checkpoint.Request("rome") with { Examples = checkpoint.ExamplesFile }));
    }

    [Fact]
    public void Every_locate_and_edit_method_asks_for_subjects_and_texts()
    {
        using var checkpoint = new TinyCheckpoint();
        File.WriteAllText(checkpoint.FactsFile, """{"prompt": "Ada Byron was born in", "target": "Paris"}""");
        var errors = EditorRegistry.All.ToDictionary(
            editor => editor.Name, editor => PrepareError(checkpoint.Request(editor.Name) with { DeltaOnly = true, Texts = null }));
        string[] locating = ["rome", "r-rome", "memit", "memit-seq", "emmet", "pmet", "rect", "prune", "alphaedit", "memit-csk"];
        Assert.Equal(locating, errors.Where(pair => pair.Value is not null).Select(pair => pair.Key));
        Assert.All(locating, name =>
        {
            Assert.Contains($"found no \"subject\", expected the part of the prompt that the fact is about, where {name} edits",
                errors[name], StringComparison.Ordinal);
            Assert.Contains($"--texts: missing; editor {name} takes key statistics", errors[name], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Texts_that_nobody_reads_are_an_error()
    {
        using var checkpoint = new TinyCheckpoint();
        var refused = EditorRegistry.All.ToDictionary(
            editor => editor.Name, editor =>
                PrepareError(checkpoint.Request(editor.Name) with { DeltaOnly = true, Texts = checkpoint.TextsFile }));
        Assert.Equal(
            ["rome", "r-rome", "memit", "memit-seq", "emmet", "pmet", "rect", "prune", "alphaedit", "memit-csk"],
                refused.Where(pair => pair.Value is null).Select(pair => pair.Key));
        Assert.Equal(
            $"--texts: found {checkpoint.TextsFile}, expected nothing: editor grace takes no key statistics; leave it out",
                refused["grace"]);
    }

    [Theory]
    [InlineData("rome")]
    [InlineData("r-rome")]
    [InlineData("memit")]
    [InlineData("memit-seq")]
    [InlineData("emmet")]
    [InlineData("pmet")]
    [InlineData("rect")]
    [InlineData("prune")]
    [InlineData("alphaedit")]
    [InlineData("memit-csk")]
    public void Key_statistics_over_too_few_tokens_warn(string editor)
    {
        const string Warning = "warning: fewer tokens than a key has elements (64); give more text for a covariance that can be relied on";
        using var checkpoint = new TinyCheckpoint();
        Assert.DoesNotContain(Warning, Told());
        File.WriteAllText(checkpoint.TextsFile, "Grace Hopper speaks English.\nAlan Turing was born in London.\n");
        Assert.Contains(Warning, Told());

        // What comes of such a covariance is the editor's affair.
        List<string> Told()
        {
            var lines = new List<string>();
            Record.Exception(() => FactEdit.Prepare(checkpoint.Request(editor) with { DeltaOnly = true })
                .Run(checkpoint.Model, new Lines(lines), default));
            Assert.Contains(lines, line => line.StartsWith("key statistics of layer ", StringComparison.Ordinal));
            Directory.Delete(checkpoint.Out, recursive: true);
            return lines;
        }
    }

    [Theory]
    [InlineData("rome", "rome.layer=3")]
    [InlineData("rect", "rect.memit.layers=[1, 3]")]
    [InlineData("serac", "serac.training.layer=3")]
    [InlineData("mend", "mend.training.layers=[3]")]
    public void A_layer_that_the_model_lacks_is_told_before_anything_is_computed(string editor, string assignment)
    {
        using var checkpoint = new TinyCheckpoint();
        var error = Assert.Throws<InputException>(() => checkpoint.Run(checkpoint.Request(editor, assignment) with { DeltaOnly = true }));
        Assert.Equal($"editor {editor}: found layer 3, expected 0 to 2: the model has 3 layers; correct --set", error.Message);
    }

    [Fact]
    public void The_report_says_with_what_it_was_made()
    {
        using var checkpoint = new TinyCheckpoint();
        checkpoint.Run(checkpoint.Request("rome", "rome.covariance-ridge=1e-3", "rome.value.steps=2") with { Seed = 7 });
        var report = CanonicalJson.FromText<FactEditReport>(File.ReadAllText(Path.Combine(checkpoint.Out, FactOutput.ReportFile)));
        Assert.Equal(("rome", 7, "model", "0", 1),
            (report.Editor, report.Seed, report.Model, report.Options["layer"]!.ToString(), report.Changed.Count));
        Assert.True(report.StatisticsTokens > 50);
        Assert.Equal((2, 1, 2), (report.After.Reliability.Prompts, report.After.Generality!.Prompts, report.After.Locality!.Prompts));
        Assert.Null(report.Before.Locality);
    }

    [Fact]
    public void The_same_request_gives_the_same_bytes()
    {
        using var checkpoint = new TinyCheckpoint();
        var request = checkpoint.Request("full-ft", FullFt);
        checkpoint.Run(request);
        checkpoint.Run(request with { Out = checkpoint.Out + "2" });
        Assert.Equal(TinyCheckpoint.Bytes(checkpoint.Out), TinyCheckpoint.Bytes(checkpoint.Out + "2"));
    }

    [Fact]
    public void A_model_in_shards_keeps_them()
    {
        using var checkpoint = new TinyCheckpoint();
        Shards.Split(checkpoint.Weights);
        var original = TinyCheckpoint.Bytes(checkpoint.Model);
        File.WriteAllText(Path.Combine(checkpoint.Model, "consolidated.safetensors"), "the unedited weights in another layout");
        var result = checkpoint.Run(checkpoint.Request("locft-bf", "locft-bf.tuning.learning-rate=5e-2"));
        Assert.Equal(["consolidated.safetensors"], result.LeftOut.Select(one => one.Name));
        Assert.Equal(original.Keys.Append(FactOutput.ReportFile).Order(StringComparer.Ordinal), TinyCheckpoint.Bytes(checkpoint.Out).Keys);
        using var edited = Transformer.Load(checkpoint.Out);
        Assert.Equal(result.Report.Facts.Select(fact => fact.After), checkpoint.Answers(edited));
    }

    [Fact]
    public void An_edit_that_the_dtype_cannot_hold_is_not_written()
    {
        using var checkpoint = new TinyCheckpoint(dtype: ScalarType.Float16);
        var error = Assert.Throws<InputException>(
            () => checkpoint.Run(checkpoint.Request("locft-bf", "locft-bf.tuning.learning-rate=1e9")));
        Assert.Matches("^editor 'locft-bf': the edit left [0-9]+ values of '[^']+' that are not finite in the files' dtype, .*; " +
            "lower the learning rate", error.Message);
        Assert.False(Directory.Exists(checkpoint.Out));
    }

    [Fact]
    public void An_interrupted_run_leaves_nothing()
    {
        using var checkpoint = new TinyCheckpoint();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => checkpoint.Run(checkpoint.Request("full-ft"), source.Token));
        Assert.False(Directory.Exists(checkpoint.Out));
        Assert.False(Directory.Exists(checkpoint.Out + DurableFile.UnfinishedSuffix));
    }

    [Fact]
    public void All_that_can_be_checked_without_the_model_is_told_together()
    {
        using var checkpoint = new TinyCheckpoint();
        Directory.CreateDirectory(checkpoint.Out);
        File.WriteAllText(Path.Combine(checkpoint.Out, "mine.txt"), "");
        File.WriteAllText(checkpoint.FactsFile, "{}\n");
        var error = Assert.Throws<InputException>(() => FactEdit.Prepare(checkpoint.Request("memit") with { Texts = null }));
        Assert.Equal(
            [
                $"{checkpoint.FactsFile}(1): found no \"prompt\", expected the question or the beginning of a statement; " +
                    "add \"prompt\": \"…\"",
                "--texts: missing; editor memit takes key statistics over running text of the kind that the model was trained on: " +
                    "--texts=FILE, one text a line, or .jsonl with {\"text\": \"…\"}",
                $"{checkpoint.Out}: found something there already, expected a new or empty folder; name another one",
            ],
            error.Message.Split('\n'));
    }

    [Fact]
    public void Links_to_the_models_folder_are_followed()
    {
        using var checkpoint = new TinyCheckpoint();
        var link = checkpoint.Model + "-link";
        Directory.CreateSymbolicLink(link, checkpoint.Model);
        foreach (var (target, model) in new[] { (link + "/edited", checkpoint.Model), (checkpoint.Model + "/deep/edited", link),
            (link + "/edited", link) })
        {
            var error = Assert.Throws<InputException>(
                () => FactEdit.Prepare(checkpoint.Request("full-ft") with { Out = target }).Run(model, new Lines([]), default));
            Assert.Equal($"--out={target}: found a folder that is or lies in the model's, {model}, " +
                "expected one elsewhere: the original is never touched", error.Message);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/deep/edited")]
    [InlineData("/..")]
    public void What_the_harness_writes_to_is_never_written_to(string below)
    {
        using var checkpoint = new TinyCheckpoint();
        var store = Path.Combine(Path.GetDirectoryName(checkpoint.Model)!, "stores", "new");
        Directory.CreateSymbolicLink(checkpoint.Model + "-link", Path.GetDirectoryName(store)!);
        var target = checkpoint.Model + "-link/new" + below;
        Assert.Equal(
            $"--out={target}: found a folder that is, lies in or lies above --store={store}, expected one apart from it; name another one",
            Assert.Throws<InputException>(() => FactOutput.CheckApart(target, "--store", store)).Message);
        FactOutput.CheckApart(store + "-edited", "--store", store);
    }

    [Fact]
    public void The_studys_notes_on_the_unedited_model_are_left_out()
    {
        using var checkpoint = new TinyCheckpoint();
        foreach (var (name, text) in new[] { ("recall.json", "{\"recalled\":3,\"asked\":4}\n"), ("manifest.json", "{}"),
            ("timing.json", "{}") })
            File.WriteAllText(Path.Combine(checkpoint.Model, name), text);
        var request = checkpoint.Request(
            "full-ft", FullFt) with
        { Beside = folder => folder == checkpoint.Model ? ["manifest.json", "timing.json"] : [] };
        const string Why = "they are the study's notes on the unedited model";
        Assert.Equal([new("manifest.json", Why), new("recall.json", Why), new LeftOut("timing.json", Why)],
            checkpoint.Run(request).LeftOut);

        // Files of the same names that are none of the study's are the user's.
        File.WriteAllText(Path.Combine(checkpoint.Model, "recall.json"), "[]");
        Assert.Empty(checkpoint.Run(request with { Out = checkpoint.Out + "2", Beside = _ => [] }).LeftOut);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/inside")]
    public void The_folder_of_the_model_is_never_written_to(string below)
    {
        using var checkpoint = new TinyCheckpoint();
        var target = checkpoint.Model + below;
        var error = Assert.Throws<InputException>(() => FactOutput.CheckAgainst(target, checkpoint.Model + "/", deltaOnly: false));
        Assert.Equal($"--out={target}: found a folder that is or lies in the model's, {checkpoint.Model}/, " +
            "expected one elsewhere: the original is never touched", error.Message);
        FactOutput.CheckAgainst(checkpoint.Model + "-edited", checkpoint.Model, deltaOnly: false);
    }

    private static string? PrepareError(FactEditRequest request) => Record.Exception(() => FactEdit.Prepare(request))?.Message;

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
