using System.Diagnostics;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Models;
using Harness.Models.Tokenizers;
using Harness.Studies.Data;
using Harness.Studies.Statistics;
using static TorchSharp.torch;

namespace Harness.Studies.Facts;

/// <summary>Edits a checkpoint with a user's facts: asks, edits, rounds to what the files can hold, asks again, writes.</summary>
public sealed class FactEdit
{
    /// <summary>Most tokens of running text that key statistics are taken over.</summary>
    public const int StatisticsTokens = 100_000;

    private readonly FactEditRequest request;
    private readonly IReadOnlyList<string> texts;
    private readonly List<(string Part, double Seconds)> seconds = [];

    private FactEdit(FactEditRequest request, IReadOnlyList<Fact> facts, IReadOnlyList<string> texts) =>
        (this.request, Facts, this.texts) = (request, facts, texts);

    /// <summary>The facts.</summary>
    public IReadOnlyList<Fact> Facts { get; }

    /// <summary>Checks all that can be checked without the model: options, facts, texts and the folder to write.</summary>
    /// <exception cref="InputException">Everything that is wrong, one a line.</exception>
    public static FactEdit Prepare(FactEditRequest request)
    {
        var errors = new List<string>();
        var needsStatistics = Try(() => Needs(request, EditDefaults.PublishedLayers)) is { Count: > 0 };
        var facts = Try(() => FactFile.Read(request.Facts, needsStatistics ? request.Editor.Name : null));
        var texts = request.Texts is { } file ? Try(() => TextFile.Read(file)) : [];
        if (needsStatistics && request.Texts is null)
        {
            errors.Add(
                $"--texts: missing; editor {request.Editor.Name} takes key statistics over running text of the kind that the model was trained on: "
                + "--texts=FILE, one text a line, or .jsonl with {\"text\": \"…\"}");
        }

        Try(() => Done(() => FactOutput.Check(request.Out)));
        return errors.Count == 0 ? new FactEdit(request, facts!, texts!) : throw new InputException(string.Join('\n', errors));

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
    /// Runs the edit. Weights that the editor does not change stay in their files; those that it changes are rounded to the files' dtype before
    /// the edited model is asked: what is measured is what is saved.
    /// </summary>
    /// <param name="source">The model's folder; only read.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends the run; nothing is written then.</param>
    /// <exception cref="InputException">The folder is no model's, or the facts, the options or the space do not fit it.</exception>
    public FactEditResult Run(string source, IProgress<string> progress, CancellationToken cancellation)
    {
        FactOutput.CheckAgainst(request.Out, source, request.DeltaOnly);
        var tokenizer = BpeTokenizer.LoadFolder(source);
        using var model = Timed("loading", () => Transformer.Load(
            source, new LoadOptions { Streamed = true, CacheBytes = request.CacheBytes, Device = request.Device }));
        var options = request.Options(model.Config.Layers);
        CheckLayers(options, model.Config.Layers);
        var exam = new FactExam(model, tokenizer, Facts, request.Facts, request.AnswerTokens);
        Describe(model, progress);
        progress.Report($"asking {Facts.Count} {(Facts.Count == 1 ? "fact" : "facts")} before the edit, at most {exam.AnswerTokens} tokens an answer");
        var before = Timed("answering before", () => exam.Before(cancellation));
        using var moments = Statistics(model, tokenizer, options, progress, cancellation);
        progress.Report($"editing with {request.Editor.Name}");
        using var edit = Timed("editing", () => request.Editor.Create(options).Edit(Session(), Requests(before)));
        string[] changed = [.. edit.Deltas.Select(delta => delta.Parameter)];
        edit.AddTo(model);
        model.RoundToStored(changed);
        CheckFinite(model, changed);
        progress.Report("asking again");
        var after = Timed("answering after", () => exam.After(cancellation));
        var report = Report();
        progress.Report($"writing {request.Out}");
        return new FactEditResult(
            report, seconds, Timed("writing", () => FactOutput.Write(request, model, source, edit, report, cancellation)));

        EditSession Session() => new()
        {
            Model = model,
            Tokenizer = tokenizer,
            Seed = request.Seed,
            Statistics = moments,
            Progress = new ThrottledProgress(progress, TimeProvider.System),
            Cancellation = cancellation,
        };

        FactEditReport Report() => new()
        {
            Harness = typeof(FactEdit).Assembly.GetName().Version!.ToString(3),
            Libtorch = __version__,
            Model = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source))),
            Editor = request.Editor.Name,
            Options = (JsonObject)CanonicalJson.ToNode(options)!,
            Seed = request.Seed,
            StatisticsTokens = moments?.Tokens ?? 0,
            Changed = changed,
            Figures = edit.Figures,
            Before = exam.Scores(before, null),
            After = exam.Scores(after, before),
            Facts =
            [
                .. Facts.Select((fact, i) => new FactOutcome(
                    fact.Prompt, before.Answers[i], after.Answers[i], fact.Target, exam.IsAnswered(after, i))),
            ],
        };
    }

    // Editors check it too, but only once the model has been asked.
    private void CheckLayers(object options, int layers)
    {
        var json = (JsonObject)CanonicalJson.ToNode(options)!;
        int[] named = json["layer"] is { } layer ? [layer.GetValue<int>()] : json["layers"] is JsonArray list ? [.. list.GetValues<int>()] : [];
        if (named.Where(number => number >= layers).ToList() is { Count: > 0 } outside)
        {
            throw new InputException(
                $"editor {request.Editor.Name}: found layer {string.Join(", ", outside)}, expected 0 to {layers - 1}: the model has {layers} layers; correct --set");
        }
    }

    private void CheckFinite(Transformer model, IEnumerable<string> changed)
    {
        foreach (var name in changed)
        {
            using var scope = NewDisposeScope();
            var values = model.Parameter(name);
            if (values.numel() - values.isfinite().sum().ToInt64() is > 0 and var wrong)
            {
                throw new InputException(
                    $"editor '{request.Editor.Name}': the edit left {wrong} values of '{name}' that are not finite in the files' dtype, "
                    + "expected finite numbers; lower the learning rate: --set");
            }
        }
    }

    private void Describe(Transformer model, IProgress<string> progress)
    {
        var layers = model.Config.Layers;
        progress.Report($"{model.Config.Family} model, layers 0 to {layers - 1}, width {model.Config.Width}");
        foreach (var value in request.Chosen(layers))
            progress.Report($"{request.Editor.Name}.{value.Option}={value.Value}: {value.Reason}; --set takes another");
    }

    private KeyMoments? Statistics(
        Transformer model, BpeTokenizer tokenizer, object options, IProgress<string> progress, CancellationToken cancellation)
    {
        if (Needs(request, model.Config.Layers) is not { Count: > 0 } layers) return null;
        var data = new FactData { Cases = [], Knowledge = [], Recall = [], Texts = texts };
        var moments = Timed("key statistics", () => KeyMoments.Collect(
            model, tokenizer, data, layers, StatisticsTokens, request.Seed, new ThrottledProgress(progress, TimeProvider.System), cancellation));
        progress.Report(
            $"key statistics of layer {string.Join(", ", layers)} over {moments.Tokens} tokens of {request.Texts} ({StatisticsTokens} wanted)");
        if (moments.Tokens < model.Config.MlpWidth)
        {
            progress.Report(
                $"warning: fewer tokens than a key has elements ({model.Config.MlpWidth}); give more text for a covariance that can be relied on");
        }

        return moments;
    }

    // Layers whose key statistics the editor reads; options that are wrong are an error here.
    private static IReadOnlyList<int> Needs(FactEditRequest request, int layers)
    {
        var options = request.Options(layers);
        request.Editor.Create(options);
        return request.Editor.StatisticsLayers(options);
    }

    // The old answer is what the model said.
    private IReadOnlyList<EditRequest> Requests(ExamPaper before) =>
        [.. Facts.Select((fact, i) => new EditRequest(fact.Line, fact.Subject ?? "", fact.Prompt, fact.Target, before.Answers[i].TrimEnd('…')))];

    private T Timed<T>(string part, Func<T> run)
    {
        var watch = Stopwatch.StartNew();
        var result = run();
        seconds.Add((part, watch.Elapsed.TotalSeconds));
        return result;
    }
}
