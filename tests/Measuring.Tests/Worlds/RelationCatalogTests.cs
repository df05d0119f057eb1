using Harness.Measuring.Worlds;

namespace Harness.Tests.Worlds;

public sealed class RelationCatalogTests
{
    private static IEnumerable<CommonNouns> Nouns => RelationCatalog.All.Select(relation => relation.Objects).OfType<CommonNouns>();

    [Fact]
    public void Every_list_of_nouns_has_an_object_for_each_that_a_world_may_ask_for() => Assert.All(Nouns, list =>
    {
        Assert.InRange(list.Nouns.Count, RelationCatalog.MaxObjects, int.MaxValue);
        Assert.Equal(list.Nouns.Count, list.Nouns.Distinct().Count());
    });

    [Fact]
    public void Whatever_is_drawn_no_object_is_the_beginning_of_another() => Assert.All(Nouns, list =>
    {
        string[] all = [.. list.Nouns, .. list.Adjectives.SelectMany(adjective => list.Nouns.Select(noun => $"{adjective} {noun}"))];
        Assert.All(all, one => Assert.DoesNotContain(all, other => other != one && other.StartsWith(one, StringComparison.Ordinal)));
    });

    // "works as a …": with a vowel behind it "a" would have to be "an", which gives the answer away.
    [Fact]
    public void No_article_depends_on_the_answer() => Assert.All(RelationCatalog.All, relation =>
    {
        var statements = relation.Statements.Append(relation.Place?.Statement ?? "");
        Assert.DoesNotContain(statements, statement => statement.EndsWith(" an", StringComparison.Ordinal));
        if (!statements.Any(statement => statement.EndsWith(" a", StringComparison.Ordinal))) return;
        var list = Assert.IsType<CommonNouns>(relation.Objects);
        Assert.All(list.Nouns.Concat(list.Adjectives), word => Assert.DoesNotContain(word[0], "aeiou"));
    });

    [Fact]
    public void Statements_end_right_before_the_answer_and_questions_with_a_question_mark()
    {
        var places = RelationCatalog.All.Select(relation => relation.Place).OfType<PlaceTemplate>().ToList();
        Assert.All(RelationCatalog.All.SelectMany(relation => relation.Statements).Concat(RelationCatalog.PlaceStatements)
            .Concat(places.Select(place => place.Statement)), statement => Assert.Matches("[a-z}]$", statement));
        Assert.All(RelationCatalog.All.SelectMany(relation => relation.Questions).Concat(RelationCatalog.PlaceQuestions)
            .Concat(places.Select(place => place.Question)), question => Assert.EndsWith("?", question));
        Assert.All(RelationCatalog.PlaceQuestions.Concat(RelationCatalog.PlaceStatements), phrasing =>
            Assert.Equal((2, 2), (phrasing.Split("[]").Length, phrasing.Split("{}").Length)));
        Assert.Equal(
            (RelationCatalog.PhrasingsPerForm, RelationCatalog.PhrasingsPerForm),
            (RelationCatalog.PlaceQuestions.Count, RelationCatalog.PlaceStatements.Count));
    }
}
