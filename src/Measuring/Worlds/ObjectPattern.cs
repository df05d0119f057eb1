namespace Harness.Measuring.Worlds;

/// <summary>How the objects of a relation are named.</summary>
internal abstract record ObjectPattern
{
    /// <summary>Names, of which the given share has two words; none is the beginning of another.</summary>
    public IReadOnlyList<string> Make(int count, double multiWordShare, WordMaker words, SeededRandom random)
    {
        var multiWord = (int)Math.Round(count * multiWordShare, MidpointRounding.AwayFromZero);
        var stems = Stems(count, words, random);
        var names = stems.Select((stem, i) => i < multiWord ? TwoWords(stem, random) : OneWord(stem, random)).ToList();
        random.Shuffle(names);
        return names;
    }

    protected abstract IReadOnlyList<string> Stems(int count, WordMaker words, SeededRandom random);

    protected abstract string OneWord(string stem, SeededRandom random);

    protected abstract string TwoWords(string stem, SeededRandom random);
}

/// <summary>Proper names around an invented word, which <c>{}</c> stands for.</summary>
internal sealed record ProperNames(IReadOnlyList<string> Short, IReadOnlyList<string> Long) : ObjectPattern
{
    protected override IReadOnlyList<string> Stems(int count, WordMaker words, SeededRandom random) => words.Make(count);

    protected override string OneWord(string stem, SeededRandom random) => random.Pick(Short).Replace("{}", stem);

    protected override string TwoWords(string stem, SeededRandom random) => random.Pick(Long).Replace("{}", stem);
}

/// <summary>English nouns, each used once, some behind an adjective.</summary>
internal sealed record CommonNouns(IReadOnlyList<string> Adjectives, IReadOnlyList<string> Nouns) : ObjectPattern
{
    protected override IReadOnlyList<string> Stems(int count, WordMaker words, SeededRandom random)
    {
        var nouns = Nouns.ToList();
        random.Shuffle(nouns);
        return nouns[..count];
    }

    protected override string OneWord(string stem, SeededRandom random) => stem;

    protected override string TwoWords(string stem, SeededRandom random) => $"{random.Pick(Adjectives)} {stem}";
}
