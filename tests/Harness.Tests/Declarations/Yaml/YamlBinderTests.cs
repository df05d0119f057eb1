using System.Text.Json.Serialization;
using Harness.Declarations;
using Harness.Declarations.Yaml;
using Harness.Measuring.Yaml;

namespace Harness.Tests.Declarations.Yaml;

public sealed class YamlBinderTests
{
    public enum Pace
    {
        BreadthFirst,
        [JsonStringEnumMemberName("adamw")]
        AdamW,
    }

    public sealed record Search(int Steps, double Rate = 0.5)
    {
        public bool Verbose { get; init; }
    }

    public sealed record Options
    {
        public required int Layer { get; init; }
        public double Share { get; init; } = 0.25;
        public long? Limit { get; init; }
        public bool Tied { get; init; }
        public string Note { get; init; } = "none";
        public Pace Pace { get; init; }
        public IReadOnlyList<int> Layers { get; init; } = [];
        public Search Search { get; init; } = new(20, 0.1);
        public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double>();
        public int Doubled => Layer * 2;
    }

    [Fact]
    public void Binds_every_kind_of_member()
    {
        var options = Bind("""
            layer: 3
            share: 2e-3
            limit: 5000000000
            tied: true
            note: 'two words'
            pace: adamw
            layers: [1, -2]
            search: { steps: 7, verbose: true }
            weights: { b: 1, a: 2.5 }
            """);
        Assert.Equal((3, 2e-3, 5_000_000_000, true, "two words", Pace.AdamW),
            (options.Layer, options.Share, options.Limit, options.Tied, options.Note, options.Pace));
        Assert.Equal([1, -2], options.Layers);
        Assert.Equal(["b", "a"], options.Weights.Keys);
    }

    [Fact]
    public void Keeps_the_defaults_of_what_is_not_named_within_nested_records_too()
    {
        Assert.Equal(new Search(7, 0.1), Bind("{ layer: 1, search: { steps: 7 } }").Search);
        Assert.Equal(new Search(20, 0.1) { Verbose = true }, Bind("{ layer: 1, search: { verbose: true } }").Search);
        Assert.Equal((0.25, "none"), (Bind("layer: 1").Share, Bind("layer: 1").Note));
        Assert.Null(Bind("{ layer: 1, limit: null }").Limit);
    }

    [Fact]
    public void Understands_anchors_and_aliases() => Assert.Equal(new Search(4, 0.1), Bind("layer: &n 4\nsearch:\n  steps: *n").Search);

    [Theory]
    [InlineData("layr: 2", "t.yaml(1,1): unknown key 'layr' in editor 'rome'; did you mean 'layer'? "
        + "Known keys: layer, share, limit, tied, note, pace, layers, search, weights.\n"
        + "t.yaml(1,1): missing key 'layer' in editor 'rome'; expected a whole number.")]
    [InlineData("{ layer: 1, qqqqqqq: 2 }", "t.yaml(1,13): unknown key 'qqqqqqq' in editor 'rome'. "
        + "Known keys: layer, share, limit, tied, note, pace, layers, search, weights.")]
    [InlineData("{ layer: 1, doubled: 2 }", "t.yaml(1,13): unknown key 'doubled' in editor 'rome'. "
        + "Known keys: layer, share, limit, tied, note, pace, layers, search, weights.")]
    [InlineData("layer: two", "t.yaml(1,8): 'layer' of editor 'rome': found 'two', expected a whole number.")]
    [InlineData("layer: 1.5", "t.yaml(1,8): 'layer' of editor 'rome': found '1.5', expected a whole number.")]
    [InlineData("layer: 3000000000", "t.yaml(1,8): 'layer' of editor 'rome': found '3000000000', expected a whole number.")]
    [InlineData("layer: '1'", "t.yaml(1,8): 'layer' of editor 'rome': found the text '1', expected a whole number.")]
    [InlineData("layer:", "t.yaml(1,7): 'layer' of editor 'rome': found nothing, expected a whole number.")]
    [InlineData("layer: [1]", "t.yaml(1,8): 'layer' of editor 'rome': found a list, expected a whole number.")]
    [InlineData("{ layer: 1, share: .nan }", "t.yaml(1,20): 'share' of editor 'rome': found '.nan', expected a number.")]
    [InlineData("{ layer: 1, tied: yes }", "t.yaml(1,19): 'tied' of editor 'rome': found 'yes', expected true or false.")]
    [InlineData("{ layer: 1, note: ~ }", "t.yaml(1,19): 'note' of editor 'rome': found nothing, expected text.")]
    [InlineData("{ layer: 1, pace: adam-w }",
        "t.yaml(1,19): 'pace' of editor 'rome': unknown name 'adam-w'; did you mean 'adamw'? Known: breadth-first, adamw.")]
    [InlineData("{ layer: 1, layers: [1, x] }", "t.yaml(1,25): 'layers[1]' of editor 'rome': found 'x', expected a whole number.")]
    [InlineData("{ layer: 1, layers: 1 }", "t.yaml(1,21): 'layers' of editor 'rome': found '1', expected a list.")]
    [InlineData("{ layer: 1, search: { step: 1 } }",
        "t.yaml(1,23): unknown key 'step' in 'search' of editor 'rome'; did you mean 'steps'? Known keys: steps, rate, verbose.")]
    [InlineData("{ layer: 1, search: fast }", "t.yaml(1,21): 'search' of editor 'rome': found 'fast', expected keys and values.")]
    [InlineData("{ layer: 1, weights: { a: b } }", "t.yaml(1,27): 'weights.a' of editor 'rome': found 'b', expected a number.")]
    public void Says_where_what_was_found_and_what_was_expected(string yaml, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Bind(yaml)).Message);

    [Fact]
    public void Reports_all_mistakes_together_in_file_order()
    {
        var message = Assert.Throws<InputException>(() => Bind("layer: x\nshare: y\nsearch:\n  steps: z\nnote: []")).Message;
        Assert.Equal(["t.yaml(1,8)", "t.yaml(2,8)", "t.yaml(4,10)", "t.yaml(5,7)"], message.Split('\n').Select(line => line.Split(':')[0]));
    }

    [Fact]
    public void Assignments_are_bounded_too()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));
        var path = string.Concat(Enumerable.Repeat("a.", 30_000));
        var errors = new DeclarationErrors();
        new ExperimentOverrides { Set = [$"rome.layer={deep}", $"{path}b=1"] }.ReadSet(errors);
        var lines = Assert.Throws<InputException>(errors.ThrowIfAny).Message.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.True(line.Length < 400, line));
        Assert.Contains(lines, line => line.Contains("nest deeper than 64", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("expected editor.option=value", StringComparison.Ordinal));
    }

    private static Options Bind(string yaml)
    {
        var errors = new DeclarationErrors();
        var map = YamlReader.ReadText(yaml, "t.yaml", errors);
        var options = map is null ? null : new YamlBinder(errors).Bind<Options>(map, "editor 'rome'");
        errors.ThrowIfAny();
        return options!;
    }
}
