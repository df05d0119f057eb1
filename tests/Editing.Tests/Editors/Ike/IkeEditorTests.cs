using Harness.Editing;
using Harness.Editing.Editors.Ike;
using Harness.Editing.Memory;
using Harness.Models;

namespace Harness.Tests.Editors.Ike;

public sealed class IkeEditorTests
{
    /// <summary>What the tests that hold for every editor run.</summary>
    public static IkeOptions Small => new() { Layer = 1, AnswerTokens = 4, FactLabel = "", PromptLabel = ". ", End = ". " };

    private static readonly IkeOptions Options = new()
    {
        Layer = 1,
        Demonstrations = 2,
        Copies = 1,
        Updates = 0,
        Retains = 0,
        AnswerTokens = 4,
        FactLabel = "",
        PromptLabel = ". ",
        End = ". ",
    };

    [Fact]
    public void Puts_the_nearest_edit_before_a_prompt_and_changes_no_weight()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Demonstrations = 0, CopyOfEdit = false });
        Assert.Empty(edit.Deltas);
        Assert.Equal(
            [
                "Ada Byron was born in Paris. Ada Byron was born in",
                "The mother tongue of Alan Turing is Dutch. The mother tongue of Alan Turing is",
                "Where does Grace Hopper live? Oslo. Where does Grace Hopper live?",
            ], Asked(tiny, edit, TinySession.All.Select(request => request.Prompt)));
    }

    [Fact]
    public void Demonstrations_stand_before_it_the_nearest_last_as_many_as_fit()
    {
        using var tiny = new TinySession();
        var options = Options with { AnswerTokens = 1 };
        using var edit = Edit(tiny, options);
        var text = Assert.Single(Asked(tiny, edit, [TinySession.Ada.Prompt]));
        const string Own = "Ada Byron was born in Paris. Ada Byron was born in Paris. Ada Byron was born in Paris. Ada Byron was born in";
        Assert.EndsWith(Own, text, StringComparison.Ordinal);
        using var copy = Edit(tiny, options with { Demonstrations = 0 });
        var length = copy.Module!.Route(tiny.Model, [Ids(tiny, TinySession.Ada.Prompt)])[0]!.Prompt.Length;
        using var fewer = Edit(tiny, options with { AnswerTokens = 64 - length });
        Assert.Equal([Own], Asked(tiny, fewer, [TinySession.Ada.Prompt]));
        using var bare = Edit(tiny, options with { AnswerTokens = 65 - length });
        Assert.Equal(["Ada Byron was born in Paris. Ada Byron was born in"], Asked(tiny, bare, [TinySession.Ada.Prompt]));
        using var none = Edit(tiny, options with { AnswerTokens = 63 });
        Assert.Null(none.Module!.Route(tiny.Model, [Ids(tiny, TinySession.Ada.Prompt)])[0]);
        Assert.Equal(3, none.Figures["without-room"]);
    }

    [Theory]
    [InlineData(0, "Edsger Dijkstra was born in Oslo")]
    [InlineData(1, "Where was Edsger Dijkstra born? Oslo")]
    [InlineData(2, "The mother tongue of Grace Hopper is English")]
    public void A_demonstration_copies_updates_or_retains(int kind, string line) =>
        Assert.Equal(line, Demonstration.Line(TargetSpace.Auto, TinySession.Examples[0], (DemonstrationKind)kind, new SeededRandom(1, "")));

    [Fact]
    public void Kinds_come_in_the_wanted_proportion()
    {
        var kinds = Demonstration.Kinds(new() { Layer = 0 });
        Assert.Equal([2, 6, 8], Enum.GetValues<DemonstrationKind>().Select(kind => kinds.Count(one => one == kind)));
    }

    [Fact]
    public void Only_prompts_like_an_edits_are_changed_where_a_threshold_is_set()
    {
        using var tiny = new TinySession();
        using var edit = Edit(tiny, Options with { Threshold = 0.99999 });
        var routes = edit.Module!.Route(tiny.Model, [Ids(tiny, TinySession.Ada.Prompt), Ids(tiny, "Where was Edsger Dijkstra born?")]);
        Assert.NotNull(routes[0]);
        Assert.Null(routes[1]);
    }

    [Fact]
    public void Tells_what_it_remembers_after_every_batch_and_works_without_examples()
    {
        using var tiny = new TinySession();
        List<long> told = [];
        using var edit = new IkeEditor(Options with { AnswerTokens = 1 }).Edit(
            tiny.Session with { Examples = [], AfterBatch = (_, module) => told.Add(module!.Tensors["prompts"].shape[0]) },
                TinySession.All);
        Assert.Equal([1, 2, 3], told);
        Assert.Equal(1 / 3.0, edit.Figures["demonstrations"]);
    }

    private static Edit Edit(TinySession tiny, IkeOptions options) => new IkeEditor(options).Edit(tiny.Session, TinySession.All);

    private static int[] Ids(TinySession tiny, string prompt) => PromptStates.Ids(tiny.Session, prompt);

    private static List<string> Asked(TinySession tiny, Edit edit, IEnumerable<string> prompts) =>
        [.. edit.Module!.Route(tiny.Model, [.. prompts.Select(prompt => Ids(tiny, prompt))])
            .Select(route => tiny.Session.Tokenizer.Decode(route!.Prompt))];
}
