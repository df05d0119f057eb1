// I = MLP width, O = model width, N = requests.
using Harness.Editing;
using Harness.Editing.Editors.Memit;
using Harness.Editing.Editors.MemitCsk;
using Harness.Editing.Locating;
using Harness.Tests.Locating;
using static TorchSharp.torch;

namespace Harness.Tests.Editors.MemitCsk;

public sealed class MemitCskEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static MemitCskOptions Small =>
        new() { Layers = [0, 1], Value = TinyOptions.Value, Contexts = TinyOptions.Contexts, BatchSize = 2 };

    private static readonly MemitCskOptions Options =
        new() { Layers = [1], Contexts = TinyKeys.SomeContexts, CovarianceWeight = 10 };

    [Theory]
    [InlineData(EditToken.AfterSubject, "Ada Byron was", "The mother tongue of Alan Turing is", "Where does Grace Hopper live?")]
    [InlineData(EditToken.Prompt, "Ada Byron was born in", "The mother tongue of Alan Turing is", "Where does Grace Hopper live?")]
    public void Satisfies_MEMIT_s_normal_equations_with_the_keys_of_its_token(EditToken token, params string[] beginnings)
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var moved = TinySession.All.Zip(beginnings, (request, beginning) => request with { Subject = beginning }).ToList();
        var contexts = Contexts.Sample(tiny.Session, Options.Contexts);
        var keys_NI = TinyKeys.Weighted(tiny, contexts, moved, 1);

        // The KL term's prompt has the words themselves, and not all before them: without it the search is the same.
        var options = Options with { Token = token, Value = Options.Value with { KlFactor = 0 } };
        var rest_NO = TinyKeys.Delta(tiny, contexts, moved, 1, options.Value);
        using var edit = Edit(tiny, options);
        var matrix_II = (tiny.Session.Statistics!.Covariance(1) * Held(10)).Plus(keys_NI.t().matmul(keys_NI));
        Assert.InRange(Numbers.Distance(
            TinyKeys.Dense(Assert.Single(edit.Deltas)).matmul(matrix_II), rest_NO.t().matmul(keys_NI)), 0, 1e-4);
    }

    [Fact]
    public void Is_MEMIT_at_the_subject()
    {
        using var tiny = new TinySession();
        using var scope = NewDisposeScope();
        using var edit = Edit(tiny, Options with { Token = EditToken.Subject });
        using var memit = EditorRegistry.Find("memit")
            .Create(new MemitOptions { Layers = [1], Contexts = Options.Contexts, CovarianceWeight = 10, Value = Options.Value })
            .Edit(tiny.Session, TinySession.All);
        Assert.Equal(Numbers.Of(memit.Deltas[0].ToDense()), Numbers.Of(edit.Deltas[0].ToDense()));
    }

    [Theory]
    [InlineData("Ada Byron was born in", "Ada Byron", EditToken.AfterSubject, "was")]
    [InlineData("Ada Byron's mother tongue is", "Ada Byron", EditToken.AfterSubject, "mother")]
    [InlineData("Was Ada Byron, who was", "Ada Byron", EditToken.AfterSubject, "who")]
    [InlineData("It is said that Ada Byron is", "Ada Byron", EditToken.AfterSubject, "Byron is")]
    [InlineData("in what Ada Byron lived in", "Ada Byron", EditToken.Prompt, "lived in")]
    [InlineData("Where does Ada Byron live?", "Ada Byron", EditToken.Prompt, "live?")]
    [InlineData("Where does Ada Byron live?", "Ada Byron", EditToken.Subject, "Ada Byron")]
    public void The_words_end_with_the_token_and_are_found_there(string prompt, string subject, EditToken token, string expected)
    {
        using var tiny = new TinySession();
        Assert.Equal(expected, MemitCskEditor.Words(tiny.Session, new(0, subject, prompt, "Paris", ""), token));
    }

    [Fact]
    public void Names_a_prompt_that_ends_with_its_subject()
    {
        using var tiny = new TinySession();
        var request = TinySession.Ada with { Id = 12, Prompt = "Born: Ada Byron" };
        var error = Assert.Throws<InputException>(() => new MemitCskEditor(Options).Edit(tiny.Session, [request]));
        Assert.Equal(
            "case 12: found no word behind subject 'Ada Byron' in prompt 'Born: Ada Byron', expected one, where memit-csk edits; "
            + "set token to subject or prompt, or leave the record out.", error.Message);
    }

    [Fact]
    public void Tells_of_the_requests_as_they_were_given()
    {
        using var tiny = new TinySession();
        var told = new List<EditRequest>();
        var session = tiny.Session with { AfterBatch = (batch, _) => told.AddRange(batch) };
        using var edit = new MemitCskEditor(Small).Edit(session, TinySession.All);
        Assert.Equal(TinySession.All, told);
    }

    private static Edit Edit(TinySession tiny, MemitCskOptions options) =>
        EditorRegistry.Find("memit-csk").Create(options).Edit(tiny.Session, TinySession.All);
}
