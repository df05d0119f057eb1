namespace Harness.Measuring.Worlds;

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
