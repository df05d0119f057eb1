using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Editing.Editors.Example;

namespace Harness.Tests;

/// <summary>What holds for each editor in the registry.</summary>
public sealed class EveryEditorTests
{
    /// <summary>All editors, and what new ones are made from.</summary>
    public static TheoryData<string> Names => [.. All.Select(editor => editor.Name)];

    /// <summary>Those that look for the subject: locate-and-edit methods.</summary>
    public static TheoryData<string> NamesWithSubjects =>
        [.. All.Where(editor => editor.NeedsSubject).Select(editor => editor.Name)];

    /// <summary>Those that are told their layers, and have no training, which would complain first.</summary>
    public static TheoryData<string> NamesWithLayers =>
    [
        .. All.Where(editor => editor.Training is null && editor.Open?.Name.Split('.') is [.., "layer" or "layers"] path
            && path.SkipLast(1).All(part => CanonicalJson.ToNode(TinyOptions.Of(editor))![part] is not null))
            .Select(editor => editor.Name),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaves_the_model_as_it_was(string name)
    {
        using var tiny = new TinySession();
        var before = tiny.WeightHash();
        using var edit = Run(name, tiny.Session);
        Assert.Equal(before, tiny.WeightHash());
        Assert.All(tiny.Model.ParameterNames, parameter => Assert.False(tiny.Model.Parameter(parameter).requires_grad));
        Assert.True(edit.Deltas.Count > 0 || edit.Module is not null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaks_no_tensor(string name)
    {
        using var tiny = new TinySession();
        Run(name, tiny.Session).Dispose();
        Run(name, tiny.Session, (step, work) => TensorLeaks.Check($"Editor '{name}', {step}", work)).Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gives_the_same_bytes_for_the_same_seed(string name)
    {
        Assert.Equal(Bytes(name), Bytes(name));

        static byte[] Bytes(string name)
        {
            using var tiny = new TinySession();
            using var edit = Run(name, tiny.Session);
            var file = Path.GetTempFileName();
            edit.Save(file);
            var bytes = File.ReadAllBytes(file);
            File.Delete(file);
            return bytes;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Puts_the_weights_back_when_it_is_cancelled(string name)
    {
        using var stop = new CancellationTokenSource();
        using var tiny = new TinySession(progress: new Callback(_ => stop.Cancel()), cancellation: stop.Token);
        var before = tiny.WeightHash();
        Assert.Throws<OperationCanceledException>(() => Run(name, tiny.Session));
        Assert.Equal(before, tiny.WeightHash());
    }

    [Theory]
    [MemberData(nameof(NamesWithLayers))]
    public void Names_a_layer_that_the_model_lacks(string name)
    {
        using var tiny = new TinySession();
        var options = CanonicalJson.ToNode(Small(name))!.AsObject();
        var path = Find(name).Open!.Name.Split('.');
        var owner = path.SkipLast(1).Aggregate((JsonNode)options, (node, key) => node[key]!);
        owner[path[^1]] = path[^1] == "layers" ? new JsonArray(1, 3) : 3;
        var editor = Find(name).Create(options.Deserialize(Find(name).OptionsType, CanonicalJson.Settings)!);
        var error = Assert.Throws<InputException>(() => editor.Edit(tiny.Session, TinySession.All));
        Assert.Equal($"Editor '{name}': found layer 3, expected 0 to 2: the model has 3 layers.", error.Message);
    }

    [Theory]
    [MemberData(nameof(NamesWithSubjects))]
    public void Names_a_layer_that_has_experts_and_no_one_down_projection(string name)
    {
        using var tiny = new TinySession();
        using var mixed = tiny.WithExperts();
        var error = Assert.Throws<InputException>(() =>
            Find(name).Create(Small(name)).Edit(tiny.Session with { Model = mixed }, TinySession.All));
        Assert.StartsWith($"Editor '{name}': found experts in layer ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NamesWithSubjects))]
    public void Names_a_subject_that_its_prompt_lacks(string name)
    {
        using var tiny = new TinySession();
        var request = TinySession.Ada with { Id = 12, Subject = "Ada Lovelace" };
        var error = Assert.Throws<InputException>(() => Find(name).Create(Small(name)).Edit(tiny.Session, [request]));
        Assert.Equal(
            "case 12: subject 'Ada Lovelace' does not occur as whole words in prompt 'Ada Byron was born in'; "
            + "expected its exact spelling; correct the record or leave it out.", error.Message);
    }

    [Theory]
    [MemberData(nameof(NamesWithSubjects))]
    public void Asks_for_the_statistics_that_it_reads(string name)
    {
        using var tiny = new TinySession();
        Assert.NotEmpty(Find(name).StatisticsLayers(Small(name)));
        var editor = Find(name).Create(Small(name));
        var error = Assert.Throws<InputException>(() => editor.Edit(tiny.Session with { Statistics = null }, TinySession.All));
        Assert.StartsWith($"Editor '{name}' needs key statistics of layer ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_functions_lead_to_its_own_code(string name)
    {
        var editor = Find(name);
        Assert.All(editor.Functions, Assert.NotNull);
        Assert.Contains(editor.Functions, function => function.Method.ReturnType == typeof(IEditor)
            && function.Method.DeclaringType!.FullName!.StartsWith(
                $"Harness.Editing.Editors.{editor.OptionsType.Namespace!.Split('.')[^1]}.", StringComparison.Ordinal));
        Assert.Equal(editor.LoadModule is not null, editor.Functions.Contains(editor.LoadModule));
        Assert.Equal(editor.Training is null ? 0 : 2, editor.Training?.Functions.Count(editor.Functions.Contains) ?? 0);
    }

    private static IReadOnlyList<EditorDescriptor> All => [.. EditorRegistry.All, ExampleEditor.Descriptor];

    private static EditorDescriptor Find(string name) => All.First(editor => editor.Name == name);

    private static IEditorOptions Small(string name) => TinyOptions.Of(Find(name));

    private static Edit Run(string name, EditSession session, Action<string, Action>? check = null)
    {
        var descriptor = Find(name);
        var file = descriptor.Training is null ? null : Path.GetTempFileName();
        try
        {
            if (descriptor.Training is { } training)
                Checked("training", () => training.Run(training.OptionsOf(Small(name)), session, file!));
            Edit? edit = null;
            Checked("an edit that is disposed", () =>
            {
                edit = descriptor.Create(Small(name)).Edit(session with { TrainedFile = file }, TinySession.All);
                if (check is not null)
                    edit.Dispose();
            });
            return edit!;
        }
        finally
        {
            if (file is not null)
                File.Delete(file);
        }

        void Checked(string step, Action work)
        {
            if (check is null)
                work();
            else
                check(step, work);
        }
    }

    private sealed class Callback(Action<string> action) : IProgress<string>
    {
        public void Report(string value) => action(value);
    }
}
