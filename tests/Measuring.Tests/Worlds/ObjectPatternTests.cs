using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public sealed class ObjectPatternTests
{
    private static readonly ProperNames Proper = new(["{}ish", "{}ese"], ["Old {}", "{} Bay"]);
    private static readonly CommonNouns Common = new(["red", "big"], ["drum", "flute", "harp", "lute", "horn"]);

    // 2.5 of five is three.
    [Theory]
    [InlineData(5, 0, 0)]
    [InlineData(5, 0.5, 3)]
    [InlineData(5, 0.49, 2)]
    [InlineData(5, 1, 5)]
    [InlineData(0, 0.5, 0)]
    public void The_given_share_rounded_away_from_zero_has_two_words(int count, double share, int twoWords)
    {
        foreach (var pattern in (ObjectPattern[])[Proper, Common])
        {
            var names = Make(pattern, count, share);
            Assert.Equal(count, names.Count);
            Assert.Equal(twoWords, names.Count(name => name.Split(' ').Length == 2));
            Assert.All(names, name => Assert.InRange(name.Split(' ').Length, 1, 2));
        }
    }

    [Fact]
    public void Every_noun_is_used_once_and_some_stand_behind_an_adjective()
    {
        var names = Make(Common, 5, 0.4);
        Assert.Equal(Common.Nouns.Order(), names.Select(name => name.Split(' ')[^1]).Order());
        Assert.All(names.Where(name => name.Contains(' ')), name => Assert.Contains(name.Split(' ')[0], Common.Adjectives));
    }

    [Fact]
    public void Proper_names_are_patterns_around_words_of_their_own()
    {
        var names = Make(Proper, 40, 0.5);
        Assert.All(names, name => Assert.Matches("^([A-Z][a-z]+(ish|ese)|Old [A-Z][a-z]+|[A-Z][a-z]+ Bay)$", name));
        Assert.Equal(40, names.Distinct().Count());
        Assert.Equal(4, ((string[])["ish", "ese", "Old ", " Bay"]).Count(part => names.Any(name => name.Contains(part))));
    }

    [Fact]
    public void Two_words_do_not_come_first_and_the_same_seed_gives_the_same_names()
    {
        Assert.Equal(Make(Proper, 20, 0.5), Make(Proper, 20, 0.5));
        Assert.NotEqual(Enumerable.Repeat(true, 10), Make(Proper, 20, 0.5).Take(10).Select(name => name.Contains(' ')));
    }

    private static IReadOnlyList<string> Make(ObjectPattern pattern, int count, double share) =>
        pattern.Make(count, share, new WordMaker(new SeededRandom(1, "words")), new SeededRandom(1, "names"));
}
