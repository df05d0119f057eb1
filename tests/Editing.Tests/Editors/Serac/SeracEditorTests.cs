// E = embedding width, D = model width.
using Harness.Editing;
using Harness.Editing.Editors.Serac;
using Harness.Editing.Memory;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.Serac;

public sealed class SeracEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static SeracOptions Small => new()
    {
        Training = new() { Layer = 1, ScopeSteps = 5, Tuning = TinyOptions.Tuning },
        AnswerTokens = 4,
    };

    private static readonly SeracOptions Options = new()
    {
        Training = new()
        {
            Layer = 1,
            ScopeSteps = 200,
            ScopeLearningRate = 0.01,
            Tuning = new() { BatchSize = 4, Epochs = 20, LearningRate = 1e-2 }
        },
        AnswerTokens = 4,
    };

    [Fact]
    public void The_scope_learns_what_belongs_together()
    {
        using var scope = NewDisposeScope();
        using var tiny = new TinySession();
        var (projection_ED, loss) = new ScopeTraining(tiny.Session, Options.Training).Run();
        Assert.InRange(loss, 0, 0.4);
        foreach (var example in TinySession.Examples)
        {
            Assert.True(Scope(tiny, projection_ED, example.Request.Prompt, example.Rephrases[0]) > 0.5);
            Assert.True(Scope(tiny, projection_ED, example.Request.Prompt, example.Locality[0].Prompt) < 0.5);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    public void The_counterfactual_model_answers_a_fact_behind_its_edit(int rank)
    {
        using var tiny = new TinySession();
        using var trained = new Trained(tiny, Options.Training with { Rank = rank });
        var hash = tiny.WeightHash();
        using var edit = new SeracEditor(Options)
            .Edit(tiny.Session with { TrainedFile = trained.File }, [.. TinySession.Examples.Select(example => example.Request)]);
        var words = SeracTraining.Words(tiny.Session, TinySession.Examples[0].Request, " ");
        var plain = TargetEncoding.Encode(tiny.Session.Tokenizer, TinySession.Examples[0].Rephrases[0], "Oslo", appendEos: true);
        int prefix = tiny.Session.Tokenizer.Prefix.Count;
        var behind = new Sequence([.. plain.Ids[..prefix], .. words, .. plain.Ids[prefix..]], plain.TargetStart + words.Length);
        var before = TeacherForcing.Run(tiny.Model, [behind])[0].MeanNll;
        using (edit.Module!.Enter(tiny.Model, 1, behind.TargetStart))
            Assert.True(TeacherForcing.Run(tiny.Model, [behind])[0].MeanNll < before - 1);
        Assert.Equal(hash, tiny.WeightHash());

        // Routed: the same ids are asked of the same weights.
        using var entered = edit.Module.Enter(tiny.Model, 1, behind.TargetStart);
        var direct = TeacherForcing.Run(tiny.Model, [behind])[0].MeanNll;
        entered!.Dispose();
        Assert.Equal(behind.Ids[..behind.TargetStart], edit.Module.Route(tiny.Model, [plain.Ids[..plain.TargetStart]])[0]!.Prompt);
        Assert.Equal(direct, new EditedModel(tiny.Model, edit.Module).Force([plain])[0].MeanNll, 1e-6);
    }

    [Fact]
    public void Prompts_out_of_every_scope_stay_bit_for_bit_as_they_were()
    {
        using var tiny = new TinySession();
        using var trained = new Trained(tiny, Options.Training);
        using var edit = new SeracEditor(Options).Edit(tiny.Session with { TrainedFile = trained.File }, [TinySession.Examples[0].Request]);
        var sequences = TinySession.Examples[0].Locality
            .Select(one => TargetEncoding.Encode(tiny.Session.Tokenizer, one.Prompt, one.Answer, appendEos: true)).ToList();
        var before = TeacherForcing.Run(tiny.Model, sequences);
        Assert.Equal(
            before.Select(answer => answer.MeanNll),
                new EditedModel(tiny.Model, edit.Module).Force(sequences).Select(answer => answer.MeanNll));
    }

    [Fact]
    public void A_prompt_without_room_behind_the_edit_stays_as_it_is()
    {
        using var tiny = new TinySession();
        using var trained = new Trained(tiny, Options.Training with { ScopeSteps = 1, Tuning = new() { Epochs = 1 } });
        using var edit = new SeracEditor(Options with { AnswerTokens = 60 })
            .Edit(tiny.Session with { TrainedFile = trained.File }, TinySession.All);
        Assert.All(
            edit.Module!.Route(tiny.Model, [.. TinySession.All.Select(request => PromptStates.Ids(tiny.Session, request.Prompt))]),
                Assert.Null);
        Assert.Equal(3, edit.Figures["without-room"]);
    }

    [Fact]
    public void Asks_for_its_training_and_the_training_for_facts()
    {
        using var tiny = new TinySession();
        var file = Path.GetTempFileName();
        var error = Assert.Throws<InputException>(() => new SeracEditor(Options).Edit(tiny.Session, TinySession.All));
        Assert.Equal("Editor 'serac': found no trained file, expected that of its training; run the training first.", error.Message);
        error = Assert.Throws<InputException>(() => SeracTraining.Run(Options.Training, tiny.Session with { Examples = [] }, file));
        Assert.Equal("Training 'serac': found no fact that is not edited, expected at least one; give it examples.", error.Message);
        SafetensorsFile.Write(file, []);
        error = Assert.Throws<InputException>(
            () => new SeracEditor(Options).Edit(tiny.Session with { TrainedFile = file }, TinySession.All));
        Assert.Equal($"{file}: found no scope classifier, expected the file of a training of 'serac'; run the training again.",
            error.Message);
        File.Delete(file);
    }

    private static double Scope(TinySession tiny, Tensor projection_ED, string first, string second)
    {
        var both_NE = SeracModule.Embed(
            tiny.Model, [PromptStates.Ids(tiny.Session, first), PromptStates.Ids(tiny.Session, second)], 1, projection_ED);
        return Math.Exp(-(both_NE[0] - both_NE[1]).pow(Held(2)).sum().AsDouble());
    }

    private sealed class Trained : IDisposable
    {
        public Trained(TinySession tiny, SeracTrainingOptions options) => SeracTraining.Run(options, tiny.Session, File);

        public string File { get; } = Path.GetTempFileName();

        public void Dispose() => System.IO.File.Delete(File);
    }
}
