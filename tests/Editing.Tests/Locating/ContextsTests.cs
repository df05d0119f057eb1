using Harness.Editing.Locating;

namespace Harness.Tests.Locating;

public sealed class ContextsTests
{
    [Fact]
    public void Are_the_plain_prompt_and_beginnings_of_the_given_lengths()
    {
        using var tiny = new TinySession();
        var contexts = Contexts.Sample(tiny.Session, ContextOptions.Rome);
        Assert.Equal(21, contexts.Count);
        Assert.Equal("", contexts[0]);
        Assert.All(contexts.Skip(1), context => Assert.EndsWith(". ", context, StringComparison.Ordinal));
        Assert.Equal(6, Contexts.Sample(tiny.Session, ContextOptions.Memit).Count);
    }

    [Fact]
    public void Depend_on_the_seed_alone()
    {
        using var tiny = new TinySession();
        var first = Contexts.Sample(tiny.Session, ContextOptions.Rome);
        Assert.Equal(first, Contexts.Sample(tiny.Session, ContextOptions.Rome));
        Assert.NotEqual(first, Contexts.Sample(tiny.Session with { Seed = 8 }, ContextOptions.Rome));
    }

    [Fact]
    public void Take_the_likeliest_token_where_the_draw_has_one_candidate()
    {
        using var tiny = new TinySession();
        var options = new ContextOptions { Lengths = [8], PerLength = 2, Seeds = ["The"], TopK = 1 };
        var contexts = Contexts.Sample(tiny.Session, options);
        Assert.Equal(contexts[1], contexts[2]);
    }
}
