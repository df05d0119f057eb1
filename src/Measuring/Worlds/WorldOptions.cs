using System.Text.Json.Serialization;
using Harness.Measuring.Cells;

namespace Harness.Measuring.Worlds;

/// <summary>
/// Size and shape of a synthetic world of facts: people whose first and last names are shared, so that only the pair tells who is meant.
/// The defaults give 600 facts about 150 people.
/// </summary>
public sealed record WorldOptions : ICellOptions<WorldCell>
{
    /// <summary>People. Default 150; at least twice as many as first names and as last names, at most their product.</summary>
    public int Entities { get; init; } = 150;

    /// <summary>Facts about each person, each of another relation. Default 4; 1 to <see cref="Relations"/>.</summary>
    public int FactsPerEntity { get; init; } = 4;

    /// <summary>Different first names. Default 30, each borne by 5 people; at least 2.</summary>
    public int FirstNames { get; init; } = 30;

    /// <summary>Different last names. Default 30, each borne by 5 people; at least 2.</summary>
    public int LastNames { get; init; } = 30;

    /// <summary>Relations, the first ones of <see cref="RelationCatalog"/>. Default 10; 2 to 10.</summary>
    public int Relations { get; init; } = RelationCatalog.All.Count;

    /// <summary>Objects that each relation chooses from, equally often. Default 20, so that three people share each; 2 to 40.</summary>
    public int ObjectsPerRelation { get; init; } = 20;

    /// <summary>Share of the objects that are two words long. Default 0.3; 0 to 1.</summary>
    public double MultiWordShare { get; init; } = 0.3;

    /// <summary>
    /// Phrasings per relation and form (question, statement) in which the original model learns every fact; the first one is the edit
    /// prompt. Default 5; more than <see cref="Rephrases"/>, 2 to 6.
    /// </summary>
    public int Phrasings { get; init; } = 5;

    /// <summary>
    /// Phrasings of the form that each fact is not learnt in, while other facts are: its rephrasings are drawn from them, so that to
    /// answer them is to generalise. A fact is learnt in the edit prompt and in <see cref="Phrasings"/> − 1 others, drawn for each fact.
    /// Default 0: rephrasings are drawn from phrasings that were learnt; else at least <see cref="Rephrases"/>, and with
    /// <see cref="Phrasings"/> at most 6.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UnseenPhrasings { get; init; }

    /// <summary>
    /// Whether the one-hop questions about people who are edited are not learnt, while those about others are: to answer them is to put two
    /// facts together. Default false; needs <see cref="Countries"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UnseenHops { get; init; }

    /// <summary>
    /// Phrasings of the other form (statements where the edits are questions, and the other way round) in which the original model learns
    /// every fact too. Default 2; 0 to 6. Without them a model that only meets questions joins first name, last name and relation at the
    /// question mark, and nothing is stored at the subject for locate-and-edit methods to locate.
    /// </summary>
    public int OtherFormPhrasings { get; init; } = 2;

    /// <summary>Rephrasings per edit case, drawn from the other phrasings. Default 2; at least 1.</summary>
    public int Rephrases { get; init; } = 2;

    /// <summary>Locality questions per edit case. Default 2; at least 1.</summary>
    public int LocalityQuestions { get; init; } = 2;

    /// <summary>
    /// Share of the people that no edit is about, whatever the number of edits: locality, probes and examples are drawn from them. Default
    /// 0: edits go to every person once before anyone is edited twice; 0 to below 1. Many edits need it: 10 000 of 12 000 facts leave
    /// nobody untouched else. Locality asks about three in four of them, so that examples have people of their own.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double ReservedShare { get; init; }

    /// <summary>
    /// Countries in which cities, companies, clubs and schools lie: facts about objects, and one-hop questions about people that ask for
    /// portability. The original model learns both. Default 0, no such facts; else 2 to 40.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Countries { get; init; }

    /// <summary>
    /// Whether the world has what the criteria of RippleEdits ask for: couples, teachers, second objects of some relations, and people's
    /// names the other way round ("Last, First"). Cases then hold tests of each criterion, and edits go to teachers first. As in
    /// <see cref="UnseenHops"/>, what is asked of people who are edited is learnt of others alone. Default false; needs
    /// <see cref="UnseenHops"/>, <see cref="UnseenPhrasings"/> and an even number of <see cref="Entities"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Criteria { get; init; }

    /// <summary>
    /// People who teach all others, with <see cref="Criteria"/>: a fact of theirs is asked by way of their pupils. Default 0; else 1 to a
    /// third of <see cref="Entities"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Teachers { get; init; }

    /// <summary>Generation prompts per edit case, drawn from the relation's statements but the first. Default 0; 0 to 5.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int GenerationPrompts { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="InputException">All violations together: option, found, expected.</exception>
    public void Validate()
    {
        var violations = new List<string>();
        void Range(string option, int found, int from, int to, string why = "")
        {
            if (found < from || found > to) violations.Add($"'{option}' is {found}, expected {from} to {to}{why}");
        }

        Range("first-names", FirstNames, 2, 10_000);
        Range("last-names", LastNames, 2, 10_000);
        if (FirstNames is >= 2 and <= 10_000 && LastNames is >= 2 and <= 10_000)
        {
            Range("entities", Entities, 2 * Math.Max(FirstNames, LastNames), FirstNames * LastNames, " (names shared, pairs not)");
        }

        Range("relations", Relations, 2, RelationCatalog.All.Count);
        Range("facts-per-entity", FactsPerEntity, 1, Relations);
        Range("objects-per-relation", ObjectsPerRelation, 2, RelationCatalog.MaxObjects);
        if (!(MultiWordShare is >= 0 and <= 1)) violations.Add($"'multi-word-share' is {MultiWordShare}, expected 0 to 1");
        Range("rephrases", Rephrases, 1, RelationCatalog.PhrasingsPerForm - 1);
        Range("phrasings", Phrasings, UnseenPhrasings > 0 ? 1 : Rephrases + 1, RelationCatalog.PhrasingsPerForm,
            " (the edit prompt and its rephrasings)");
        if (UnseenPhrasings != 0)
            Range("unseen-phrasings", UnseenPhrasings, Rephrases, RelationCatalog.PhrasingsPerForm - Phrasings, ", or 0 for none");
        if (UnseenHops && Countries == 0) violations.Add("'unseen-hops' is true, expected false where 'countries' is 0");
        if (Criteria && !(UnseenHops && UnseenPhrasings > 0 && Entities % 2 == 0))
        {
            violations.Add("'criteria' is true, expected false where 'unseen-hops' is false, 'unseen-phrasings' 0 or 'entities' odd");
        }

        Range("teachers", Teachers, Criteria ? 1 : 0, Criteria ? Entities / 3 : 0, Criteria ? "" : " where 'criteria' is false");
        Range("other-form-phrasings", OtherFormPhrasings, 0, RelationCatalog.PhrasingsPerForm);
        Range("locality-questions", LocalityQuestions, 1, 100);
        if (!(ReservedShare is >= 0 and < 1)) violations.Add($"'reserved-share' is {ReservedShare}, expected 0 to below 1");
        if (Countries != 0) Range("countries", Countries, 2, RelationCatalog.MaxCountries, ", or 0 for none");
        Range("generation-prompts", GenerationPrompts, 0, RelationCatalog.PhrasingsPerForm - 1);
        if (violations.Count == 0) return;
        throw new InputException($"world options: {string.Join("; ", violations)}; correct the experiment's world");
    }
}
