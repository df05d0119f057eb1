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

/// <summary>English nouns that stand for objects, 40 or more to a list, and adjectives for two-word objects.</summary>
internal static class ObjectNouns
{
    public static IReadOnlyList<string> ProfessionAdjectives { get; } = Words("travelling master village court night ship head junior");

    public static IReadOnlyList<string> Professions { get; } = Words(
        """
        baker banker barber beekeeper blacksmith bookbinder brewer builder butcher carpenter clockmaker cobbler cook dancer dentist
        diver doctor driver farmer fisher gardener glazier guard hunter jeweller joiner judge lawyer librarian mason miller miner nurse
        painter pilot plumber poet porter potter printer roofer sailor sculptor singer surgeon tailor teacher translator watchmaker
        weaver
        """);

    public static IReadOnlyList<string> InstrumentAdjectives { get; } = Words("bass silver wooden tenor glass baroque double pocket");

    public static IReadOnlyList<string> Instruments { get; } = Words(
        """
        accordion bagpipe banjo bassoon bell bugle castanets celesta cello chimes clarinet clavichord cornet cymbal drum dulcimer fiddle
        flute gong guitar harmonica harp horn kettledrum lute lyre mandolin marimba oboe organ piano piccolo recorder saxophone sitar
        tambourine triangle trombone trumpet tuba ukulele viola violin whistle xylophone zither
        """);

    public static IReadOnlyList<string> FieldAdjectives { get; } = Words("marine applied ancient polar tropical general rural modern");

    public static IReadOnlyList<string> Fields { get; } = Words(
        """
        acoustics agronomy algebra anatomy archaeology architecture astronomy bacteriology botany cartography chemistry climatology
        criminology dentistry ecology economics electronics entomology ethics forestry genetics geography geology geometry grammar
        history horticulture hydrology law linguistics logic mechanics medicine metallurgy meteorology mineralogy music nutrition optics
        pharmacy philosophy physics politics psychology rhetoric sociology statistics theology toxicology zoology
        """);

    public static IReadOnlyList<string> DishAdjectives { get; } = Words("smoked spicy cold fried sweet mountain harbour winter");

    public static IReadOnlyList<string> Dishes { get; } = Words(
        """
        bacon beans biscuits broth cabbage carrots casserole cheese chicken chowder couscous crab curry custard duck dumplings eel
        fritters goulash ham herring kebab lamb lasagne lentils mackerel meatballs muffins mushrooms mussels noodles omelette pancakes
        pasta peas pickles pie pizza porridge potatoes pudding quiche ravioli rice risotto salad salmon sausages shrimp soup spinach
        stew toast trout turnips waffles
        """);

    private static string[] Words(string list) => list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
