using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Models;
using Harness.Running;
using static TorchSharp.torch;

namespace Harness.CheckpointEdits;

/// <summary>Edits a checkpoint with a user's facts: asks, edits, rounds to what the files can hold, asks again, writes.</summary>
public sealed class FactEdit
{
    /// <summary>Most tokens of running text that key statistics are taken over.</summary>
    public const int StatisticsTokens = 100_000;

    private readonly FactEditRequest request;
    private readonly IReadOnlyList<string> texts;
    private readonly IReadOnlyList<Fact> examples;
    private readonly PartTimes times = new();

    private FactEdit(FactEditRequest request, IReadOnlyList<Fact> facts, IReadOnlyList<string> texts, IReadOnlyList<Fact> examples) =>
        (this.request, Facts, this.texts, this.examples) = (request, facts, texts, examples);

    /// <summary>The facts.</summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <summary>
    /// Checks all that can be checked without the model: editor, options, facts, texts, examples and the folder to write.
    /// </summary>
    /// <exception cref="InputException">Everything that is wrong, one a line.</exception>
    public static FactEdit Prepare(FactEditRequest request)
    {
        var errors = new List<string>();
        var editor = request.Editor;
        Try(() => Done(() => CheckKind(request)));
        var statistics = Try(() => Needs(request));
        var facts = Try(() => FactFile.Read(request.Facts, editor.NeedsSubject ? editor.Name : null));
        var texts = statistics is not { Count: 0 } && request.Texts is { } file ? Try(() => TextFile.Read(file)) : [];
        if (statistics is { Count: 0 } && request.Texts is { } unread)
            errors.Add($"--texts: found {unread}, expected nothing: editor {editor.Name} takes no key statistics; leave it out");
        if (statistics is { Count: > 0 } && request.Texts is null)
        {
            errors.Add(
                $"--texts: missing; editor {editor.Name} takes key statistics over running text of the kind that the model was trained on: "
                + "--texts=FILE, one text a line, or .jsonl with {\"text\": \"…\"}");
        }

        var examples = Try(() => Examples(request, facts ?? []));
        Try(() => Done(() => FactOutput.Check(request.Out)));
        return errors.Count == 0 ? new FactEdit(request, facts!, texts!, examples!) : throw new InputException(string.Join('\n', errors));

        T? Try<T>(Func<T> check) where T : class
        {
            try
            {
                return check();
            }
            catch (InputException error)
            {
                errors.Add(error.Message);
                return null;
            }
        }

        static string Done(Action action)
        {
            action();
            return "";
        }
    }

    /// <summary>
    /// Runs the edit. Weights that the editor does not change stay in their files; those that it changes are rounded to the files' dtype
    /// before the edited model is asked: what is measured is what is saved.
    /// </summary>
    /// <param name="source">The model's folder; only read.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends the run; nothing is written then.</param>
    /// <exception cref="InputException">The folder is no model's, or the facts, the options or the space do not fit it.</exception>
    public FactEditResult Run(string source, IProgress<string> progress, CancellationToken cancellation)
    {
        FactOutput.CheckAgainst(request.Out, source, request.DeltaOnly);
        var history = EditHistory.Read(source);
        var chat = ChatPrompts.Render(source, request, Facts, examples, progress);
        var (tokenizer, facts) = (chat.Tokenizer, chat.Facts);
        using var model = times.Take("loading", () => Transformer.Load(
            source, new LoadOptions { Streamed = true, CacheBytes = request.CacheBytes, Device = request.Device }));
        var options = request.Options(model.Config.Layers);
        CheckLayers(options, model.Config.Layers);
        var exam = new FactExam(model, tokenizer, facts, request.Facts, request.AnswerTokens, request.Space);
        var lessons = examples.Count == 0 ? null
            : new FactExam(model, tokenizer, chat.Examples, request.Examples!, request.AnswerTokens, request.Space);
        Describe(model, progress);
        FactWarnings.Report(request, facts, chat.Examples, tokenizer, progress);
        progress.Report($"asking {Counted.Of(Facts.Count, "fact")} before the edit, " +
            $"at most {exam.AnswerTokens} tokens an answer");
        var before = times.Take("answering before", () => exam.Before(cancellation));
        using var supplies = EditorSupplies.Collect(request, options, Session(), texts, lessons, progress, times);
        progress.Report($"editing with {request.Editor.Name}");
        using var edit = times.Take("editing", () => request.Editor.Create(options).Edit(
            supplies.Session, [.. facts.Select((fact, i) => fact.ToRequest(before.Said[i]))]));
        string[] changed = [.. edit.Deltas.Select(delta => delta.Parameter)];
        var based = request.DeltaOnly ? edit.BaseIn(model) : null;
        edit.AddTo(model);
        model.RoundToStored(changed);
        CheckFinite(model, edit);
        progress.Report("asking again");
        var after = times.Take("answering after", () => After(exam));
        progress.Report($"writing {request.Out}");
        var (report, left) =
            times.Take("writing", () => FactOutput.Write(request, model, source, edit, based, Report(), history, cancellation));
        return new FactEditResult(report, times.Seconds, left);

        ExamPaper After(FactExam asked)
        {
            if (edit.Module is not { } module) return asked.After(null, cancellation);
            using var attached = module.Attach(model);
            if (attached is null)
                progress.Report($"{asked.Routed(module)} of {Facts.Count} prompts are answered by what {request.Editor.Name} keeps, " +
                    "the others by the model alone");
            return asked.After(module, cancellation);
        }

        EditSession Session() => new()
        {
            Model = model,
            Tokenizer = tokenizer,
            Space = request.Space,
            Seed = request.Seed,
            Progress = new ThrottledProgress(progress, TimeProvider.System),
            Cancellation = cancellation,
        };

        FactEditReport Report() => new()
        {
            Harness = typeof(FactEdit).Assembly.GetName().Version!.ToString(3),
            Libtorch = Harness.Models.Torch.Libtorch.Version,
            Model = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source))),
            Editor = request.Editor.Name,
            Options = (JsonObject)CanonicalJson.ToNode(options)!,
            Seed = request.Seed,
            Space = request.Space,
            StatisticsTokens = supplies.StatisticsTokens,
            Examples = supplies.Session.Examples.Count,
            Chat = chat.Use,
            Changed = changed,
            Figures = edit.Figures,
            Before = exam.Scores(before, null),
            After = exam.Scores(after, before),
            Facts =
            [
                .. facts.Select((fact, i) => new FactOutcome(
                    fact.Prompt, before.Answers[i], after.Answers[i], fact.Target, after.IsExact[i], fact.Messages?[^1].Content)),
            ],
        };
    }

    // Only weights fit a folder that other tools read.
    private static void CheckKind(FactEditRequest request)
    {
        if (request.Editor.LoadModule is not null && !request.DeltaOnly)
        {
            throw new InputException(
                $"--editor: found '{request.Editor.Name}', which keeps its edits beside the weights, " +
                    "expected an editor that changes weights alone, as a folder "
                + "that other tools read holds nothing else; add --delta to write the edit for this harness, or take another editor");
        }
    }

    private static IReadOnlyList<Fact> Examples(FactEditRequest request, IReadOnlyList<Fact> facts)
    {
        var (use, name) = (request.Editor.Examples, request.Editor.Name);
        if (request.Examples is not { } file)
        {
            return use != ExampleUse.Needed ? [] : throw new InputException(
                $"--examples: missing; editor {name} learns from facts that are not edited: --examples=FILE, in the format of --facts");
        }

        if (use == ExampleUse.None)
            throw new InputException($"--examples: found {file}, expected nothing: editor {name} takes no examples; leave it out");
        var examples = FactFile.Read(file);
        string[] both = [.. FactConflicts.Between(file, examples, request.Facts, facts)];
        return both.Length == 0 ? examples : throw new InputException(FactFile.Joined(file, both));
    }

    // Editors check it too, but only once the model has been asked.
    private void CheckLayers(object options, int layers)
    {
        if (Named(CanonicalJson.ToNode(options)).Where(number => number >= layers).Distinct().ToList() is { Count: > 0 } outside)
        {
            throw new InputException(
                $"editor {request.Editor.Name}: found layer {string.Join(", ", outside)}, " +
                    $"expected 0 to {layers - 1}: the model has {layers} layers; correct --set");
        }
    }

    // Whatever is called so, in nested records too.
    private static IEnumerable<int> Named(JsonNode? options) =>
        options is not JsonObject map ? [] : map.SelectMany(pair => (pair.Key, pair.Value) switch
    {
        ("layer", JsonValue layer) => [layer.GetValue<int>()],
        ("layers", JsonArray list) => list.GetValues<int>(),
        var (_, value) => Named(value),
    });

    private void CheckFinite(Transformer model, Edit edit)
    {
        foreach (var delta in edit.Deltas)
            Check(model.Parameter(delta.Parameter), $"'{delta.Parameter}' that are not finite in the files' dtype");
        foreach (var (name, values) in edit.Module?.Tensors ?? new Dictionary<string, Tensor>())
            Check(values, $"'{name}', which it keeps beside the weights, that are not finite");

        void Check(Tensor values, string where)
        {
            if (NonFinite.Count(values) is > 0 and var wrong)
            {
                throw new InputException(
                    $"editor '{request.Editor.Name}': the edit left {wrong} values of {where}, expected finite numbers; " +
                        "lower the learning rate: --set");
            }
        }
    }

    private void Describe(Transformer model, IProgress<string> progress)
    {
        var layers = model.Config.Layers;
        progress.Report($"{model.Config.Family} model, layers 0 to {layers - 1}, width {model.Config.Width}");
        if (request.Chosen is { } open)
            progress.Report($"{request.Editor.Name}.{open.Name}={open.Value(layers)}: {open.Reason}; --set takes another");
    }

    // Layers whose key statistics the editor reads; options that are wrong are an error here.
    private static IReadOnlyList<int> Needs(FactEditRequest request)
    {
        var options = request.Options(OpenOption.PublishedLayers);
        request.Editor.Create(options);
        return request.Editor.StatisticsLayers(options);
    }
}
