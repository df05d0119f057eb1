using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Harness.Declarations;
using Harness.Figures;
using Harness.Figures.Drawing;
using Harness.Measuring.Capability;
using Harness.Reports;
using Harness.Tests.Reports;
using SkiaSharp;

namespace Harness.Tests.Figures;

public sealed partial class ReportFigureTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly string folder = Directory.CreateTempSubdirectory("report-figure-tests").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Bars_tell_what_they_show_of_which_stand_ins_and_what_their_marks_mean()
    {
        var svg = Draw(Examples.Report());
        Assert.Equal("Two editors on two models", svg.Element(Svg + "title")!.Value);
        Assert.Equal(
            "measured bars with intervals, published diamonds. A Paper, Table 1 · embedded scale · seed 1 · protocol tf-token. "
            + "10 cases of world-zsre, for zsRE · 10 cases of CounterFact. Legend: tiny-llama2, 0.8 M, for LLaMA-2-7B; " +
                "tiny-llama, 1.3 M, for LLaMA-7B; "
            + "95 % bootstrap interval over cases; published, of the paper's own models and data; n/a: not defined",
            svg.Element(Svg + "desc")!.Value);
        Assert.Equal("title desc", (string)svg.Attribute("aria-labelledby")!);
        var words = Words(svg);
        Assert.All(
            [
                "tiny-llama2, 0.8 M, for LLaMA-2-7B", "tiny-llama, 1.3 M, for LLaMA-7B", "95 % bootstrap interval over cases",
                "published, of the paper's own models and data", "reliability (%)", "locality (%)", "world-zsre, for zsRE", "rome",
                    "dft-ft",
            ],
            text => Assert.Contains(text, words));
        Assert.DoesNotContain(words, text => text is "LLaMA-2-7B" or "LLaMA-7B" or "llama2-7b" or "llama-7b" or "zsRE" or "zsre");

        // 2 data sets, 2 models: rows original, rome and dft-ft of reliability, and the last two of locality.
        var (blue, orange) = (Fill(Theme.Light.Series[0]), Fill(Theme.Light.Series[1]));
        Assert.Equal(1 + (2 * 5), Filled(svg, blue)); // the legend's, and the bars
        Assert.Equal(1 + (2 * 5), Filled(svg, orange));
    }

    [Fact]
    public void A_value_of_nothing_is_a_bar_with_its_number()
    {
        var report = Report.Build(
            Examples.Small(["reliability"], [new("rome", new object())]),
            [Examples.Row("rome", ("reliability", Examples.Items(100, _ => 0)))]);
        var svg = Draw(report);
        Assert.Equal(2, Words(svg).Count(text => text == "0")); // the axis', and the bar's
        Assert.Equal(1, Filled(svg, Fill(Theme.Light.Series[0])));
    }

    [Fact]
    public void Metrics_have_words_beside_their_codes()
    {
        var items = new[] { "es", "ps", "ns" }.Select(metric => (metric, Examples.Items(1, 0.5))).ToArray();
        var svg = Draw(Report.Build(Examples.Small(["es", "ps", "ns", "s"], [new("rome", new object())]), [Examples.Row("rome", items)]));
        Assert.All(["efficacy (%)", "es", "paraphrase (%)", "ps", "neighbourhood (%)", "ns", "score (%)", "s"],
            text => Assert.Contains(text, Words(svg)));
    }

    [Fact]
    public void Ranks_colour_the_fields_of_rows_in_their_order()
    {
        var experiment = Examples.Small(["reliability", "change"], [new("rome", new object()), new("memit", new object())]) with
        {
            Figure = FigureKind.Ranks,
            RankedBy = "reliability",
        };
        var svg = Draw(Report.Build(experiment,
        [
            Examples.Row("rome", ("reliability", Examples.Items(1, 0)), ("change", Examples.Items(0.1))),
            Examples.Row("memit", ("reliability", Examples.Items(1, 1)), ("change", Examples.Items(0.2))),
        ]));
        string[] words = [.. Words(svg)];
        Assert.True(Array.IndexOf(words, "memit") < Array.IndexOf(words, "rome"));
        Assert.All(["100.0", "50.0", "10.0", "20.0", "rank 1", "rank 2"], text => Assert.Contains(text, words));
        foreach (var shade in new[] { 0.0, 1.0 })
            Assert.Equal(2 + 1, Filled(svg, Fill(new ScottPlot.Colormaps.Viridis().GetColor(shade)))); // and the legend's end
    }

    [Fact]
    public void Many_editors_stand_below_one_another_with_their_whole_names()
    {
        EditorEntry[] editors = [.. Enumerable.Range(0, 14).Select(i => new EditorEntry($"knowledge-neurons-{i}", new object()))];
        var svg = Draw(Report.Build(
            Examples.Small(["reliability"], editors),
                [.. editors.Select(editor => Examples.Row(editor.Name, ("reliability", Examples.Items(1, 0))))]));
        Assert.All(editors, editor => Assert.Contains(editor.Name, Words(svg)));
    }

    [Fact]
    public void A_sweep_names_series_axis_units_and_the_better_side_and_dashes_what_is_not_varied()
    {
        var words = Words(Draw(VariedReportTests.Sweep()));
        Assert.All(
            [
                "memit", "original, not varied", "edits", "perplexity-ratio (×)", "lower is better",
                "band: 95 % bootstrap interval over cases", "2–4 cases of world-zsre, for zsRE · tiny-llama2, 0.8 M, for LLaMA-2-7B",
            ],
            text => Assert.Contains(text, words));

        // A dash is an outline, several in one path.
        var dashed = Fill(Theme.Light.Series[0]);
        Assert.Contains(Draw(VariedReportTests.Sweep()).Descendants(Svg + "path"), path =>
            Normal((string?)path.Attribute("fill")) == dashed && ((string)path.Attribute("d")!).Count(letter => letter is 'M' or 'm') > 5);
    }

    [Fact]
    public void Models_are_the_lines_where_one_series_is_varied()
    {
        var sweep = VariedReportTests.Sweep();
        var both = Examples.Report().Experiment.Models;
        var experiment = sweep.Experiment with
        {
            Models = both,
            Editors = [.. sweep.Experiment.Editors.Where(editor => editor.At.Count > 0)]
        };
        var rows = sweep.Measured.Where(row => row.Editor != "original").ToList();
        var svg = Draw(Report.Build(experiment, [.. rows, .. rows.Select(row => row with { Model = "llama-7b" })]));
        Assert.Single(Words(svg), text => text == "reliability (%)");
        Assert.All(["tiny-llama2, 0.8 M, for LLaMA-2-7B", "tiny-llama, 1.3 M, for LLaMA-7B", "memit, varied over edits"],
            text => Assert.Contains(text, Words(svg)));
    }

    [Fact]
    public void A_heat_map_of_what_is_only_described_is_brighter_where_there_is_more() =>
        Assert.Contains("Across: layer · down: module · brighter is more", Words(Draw(HeatMap("rounds"))));

    [Fact]
    public void A_heat_map_has_keys_of_its_colours_and_a_number_in_each_field()
    {
        var words = Words(Draw(HeatMap()));
        Assert.All(
            ["reliability (%)", "divergence (nats)", "kl · lower is better", "Across: layer · down: module · brighter is better",
                "reliability: 0", "100 %",
                "divergence: 0.300", "0.100 nats", "layer", "up", "down", "0.0", "50.0", "100.0", "0.200"],
            text => Assert.Contains(text, words));
    }

    [Fact]
    public void Change_is_drawn_by_layer_in_numeric_order_and_module()
    {
        var words = Words(Draw(Change()));
        Assert.All(["rome", "ft-m", "mlp/down", "<0.1", "2.0", "4.0", "4.0 % of the weights' size", "layer"],
            text => Assert.Contains(text, words));
        Assert.True(words.IndexOf("2") < words.IndexOf("10"));
        Assert.DoesNotContain("original", words);
    }

    [Fact]
    public void Retention_explains_band_dots_and_grey_lines()
    {
        var few = RetentionTests.Report();
        var rows = few.Measured.Append(few.Measured[1] with { Editor = "memit" });
        var svg = Draw(Report.Build(few.Experiment with { Editors = [.. few.Experiment.Editors, new("memit", new object())] }, [.. rows]));
        Assert.All(
            ["rome", "memit", "mean 50.0 %", "after all edits", "right after each edit", "the other editors, after all edits", "edit"],
            text => Assert.Contains(text, Words(svg)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_is_legible_where_a_readme_shows_it_and_has_the_same_bytes_in_any_culture_and_thread(string kind)
    {
        var report = OfKind(kind);
        foreach (var theme in Theme.All)
        {
            var first = PageOf(report, theme);
            string[] hashes = [Hash(first), .. Elsewhere(() => Hash(PageOf(report, theme)))];
            Assert.Single(hashes.Distinct());

            var root = XDocument.Parse(first.ToSvg()).Root!;
            Assert.Equal(830, (float)root.Attribute("width")!);
            Assert.Empty(root.Descendants(Svg + "text")); // all letters are outlines
            Assert.All(Sizes(root), size => Assert.InRange(size, 10.5 - 0.01, 15.01));
            Assert.DoesNotContain(Words(root), text => text.Contains('\uFFFD'));
            Assert.All(root.Descendants(Svg + "use"), use => Assert.Contains(
                root.Descendants(Svg + "path"), path =>
                    $"#{(string?)path.Attribute("id")}" == (string)use.Attributes().First(a => a.Name.LocalName == "href")));

            using var picture = SKBitmap.Decode(first.ToPng());
            Assert.Equal(1660, picture.Width);
            Assert.True(picture.Height > 250);
            Assert.Equal(theme.Paper.ToSKColor(), picture.GetPixel(2, 2));
            // a font that is not found draws nothing
            Assert.True(InkIn(picture, theme, new(28, 20, 1000, 64)) > 500, "no title in the picture");
            // nothing is cut off at the right
            Assert.Equal(0, InkIn(picture, theme, new(picture.Width - 6, 0, picture.Width, picture.Height)));
        }
    }

    public static TheoryData<string> Kinds() => new("bars", "rows", "sweep", "heat-map", "change", "retention");

    [Fact]
    public void Files_are_drawn_from_the_json_alone_light_and_dark()
    {
        ReportWriter.Write(Examples.Report(), ReportWriterTests.Somewhere, folder, withFigure: false);
        string[] expected = ["table1.svg", "table1.png", "table1-dark.svg", "table1-dark.png"];
        var json = Path.Combine(folder, "table1.json");
        Assert.Equal(expected, ReportFigure.Draw(json).Select(Path.GetFileName));
        Assert.Equal(expected, ReportFigure.Extensions.Select(extension => "table1" + extension));
        Assert.Equal("\u0089PNG",
            string.Concat(File.ReadAllBytes(Path.Combine(folder, "table1-dark.png"))[..4].Select(value => (char)value)));
        var older = File.ReadAllText(json);
        foreach (var before in new[] { "\"title\": \"zsRE\",", "\"kind\": \"bars\"", "\"real\": false," })
        {
            File.WriteAllText(json, older.Replace(before, ""));
            var error = Assert.Throws<InputException>(() => ReportFigure.Draw(json)).Message;
            Assert.StartsWith($"{json}: found no report that a figure can be drawn of (", error);
            Assert.EndsWith("expected what this version of the harness writes; regenerate it with the experiment's target", error);
        }

        Assert.Throws<OperationCanceledException>(() =>
        {
            File.WriteAllText(json, older);
            ReportFigure.Draw(json, cancellation: new CancellationToken(canceled: true));
        });
    }

    [Fact]
    public void Pictures_are_drawn_again_where_they_or_the_report_are_not_what_they_were()
    {
        var notes = Path.Combine(folder, "notes");
        ReportWriter.Write(Examples.Report(), ReportWriterTests.Somewhere, folder, notes: notes);
        var (json, picture) = (Path.Combine(folder, "table1.json"), Path.Combine(folder, "table1-dark.png"));
        Assert.False(IsDrawn(notes));
        Assert.True(IsDrawn(null));

        var drawn = File.ReadAllBytes(picture);
        File.WriteAllText(picture, "by hand");
        Assert.True(IsDrawn(notes));
        Assert.Equal(drawn, File.ReadAllBytes(picture));
        File.WriteAllText(json, File.ReadAllText(json).Replace("LLaMA-2-7B", "Llama 2", StringComparison.Ordinal));
        Assert.True(IsDrawn(notes));
        Assert.False(IsDrawn(notes));

        bool IsDrawn(string? notes)
        {
            File.SetLastWriteTimeUtc(picture, DateTime.UnixEpoch);
            Assert.Equal(4, ReportFigure.Draw(json, notes).Count);
            return File.GetLastWriteTimeUtc(picture) != DateTime.UnixEpoch;
        }
    }

    [Fact]
    public void A_figure_without_its_axes_is_refused()
    {
        var experiment = VariedReportTests.Sweep().Experiment with { Figure = FigureKind.HeatMap };
        Assert.Equal(
            "figure 'heat-map': found 1 axes, expected at least 2; name them under 'vary', or choose another figure",
                ReportFigure.Check(experiment));
        Assert.Null(ReportFigure.Check(experiment with { Figure = FigureKind.Sweep }));
    }

    private static Report OfKind(string kind) => kind switch
    {
        "bars" => Examples.Report(),
        "rows" => Report.Build(
            Examples.Small(["reliability", "generality"], [new("a-long-name-without-end", new object()),
                .. Enumerable.Range(0, 12).Select(i => new EditorEntry($"editor{i}", new object()))]),
            [.. Enumerable.Range(0, 13)
                .Select(i => Examples.Row(i == 12 ? "a-long-name-without-end" : $"editor{i}", ("reliability", Examples.Items(1, i % 2)),
                ("generality", Examples.Items(0, i % 2))))]),
        "sweep" => VariedReportTests.Sweep(),
        "heat-map" => HeatMap(),
        "change" => Change(),
        _ => RetentionTests.Report(),
    };

    private static Page PageOf(Report report, Theme theme) =>
        ReportFigure.PageOf(ReportFile.Parse(ReportFile.Of(report, "").ToText()), theme);

    private static XElement Draw(Report report) => XDocument.Parse(PageOf(report, Theme.Light).ToSvg()).Root!;

    private static List<string> Words(XElement svg) =>
        [.. svg.Descendants(Svg + "g").Select(group => (string?)group.Attribute("aria-label")).OfType<string>()];

    private static string Hash(Page page) =>
        Convert.ToHexString(SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(page.ToSvg()), .. page.ToPng()]));

    // Sizes of letters in pixels: outlines are in thousandths.
    private static IEnumerable<double> Sizes(XElement svg) => svg.Descendants(Svg + "use")
        .Select(use => 1000 * double.Parse(
            Scale().Match((string)use.Attribute("transform")!).Groups[1].Value, CultureInfo.InvariantCulture));

    // On a thread of its own, where numbers are written with a comma.
    private static string[] Elsewhere(Func<string> draw)
    {
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NegativeSign) = (",", "~");
        var drawn = new string[2];
        Thread[] threads = [
            .. Enumerable.Range(0, drawn.Length).Select(i => new Thread(() => drawn[i] = draw()) { CurrentCulture = comma })];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return drawn;
    }

    private static int InkIn(SKBitmap picture, Theme theme, SKRectI part)
    {
        var (ink, paper) = (0, theme.Paper.ToSKColor());
        for (var x = part.Left; x < part.Right; x++)
            for (var y = part.Top; y < part.Bottom; y++)
                if (picture.GetPixel(x, y) != paper) ink++;
        return ink;
    }

    private static string Fill(ScottPlot.Color color) => $"#{color.R:X2}{color.G:X2}{color.B:X2}";

    private static int Filled(XElement svg, string fill) =>
        svg.Descendants().Count(
            element => element.Name.LocalName is "rect" or "path" && Normal((string?)element.Attribute("fill")) == fill);

    // Skia writes #RRGGBB, #RGB or rgb(…).
    private static string Normal(string? fill) => fill switch
    {
        null => "",
        ['#', var r, var g, var b] => $"#{r}{r}{g}{g}{b}{b}".ToUpperInvariant(),
        ['#', ..] => fill.ToUpperInvariant(),
        _ when Rgb().Match(fill) is { Success: true } match => "#" + string.Concat(match.Groups.Values.Skip(1)
            .Select(part => int.Parse(part.Value, CultureInfo.InvariantCulture).ToString("X2", CultureInfo.InvariantCulture))),
        _ => fill,
    };

    [GeneratedRegex(@"scale\(([\d.]+)\)")]
    private static partial Regex Scale();

    [GeneratedRegex(@"^rgb\((\d+), ?(\d+), ?(\d+)\)$")]
    private static partial Regex Rgb();

    private static Report HeatMap(params string[] metrics)
    {
        (string Layer, string Module)[] places = [("0", "up"), ("0", "down"), ("1", "up")];
        var editors = places.Select(place => new EditorEntry($"ft-m@{place.Layer},{place.Module}", new object())
        {
            Editor = "ft-m",
            Series = "ft-m",
            At = [new("layer", place.Layer), new("module", place.Module)],
        }).ToArray();
        var experiment = Examples.Small(metrics.Length > 0 ? metrics : ["reliability", "kl"], editors) with
        {
            Axes = [new("layer", ["0", "1"]), new("module", ["up", "down"])],
            Figure = FigureKind.HeatMap,
        };
        return Report.Build(experiment, [.. editors.Select((editor, i) => Examples.Row(
            editor.Name, ("reliability", Examples.Items(i / 2.0, i / 2.0)), ("kl", Examples.Items((i + 1) / 10.0)),
            ("edit/rounds", Examples.Items(i))))]);
    }

    private static Report Change()
    {
        var experiment = Examples.Small(["change"], [new("original", null), new("rome", new object()), new("ft-m", new object())]) with
        {
            Figure = FigureKind.Change,
        };
        (string, IReadOnlyList<SeriesItem>) Of(string series, double value) => (series, Examples.Items(value));
        return Report.Build(experiment,
        [
            Examples.Row("original", Of("reliability", 0)), // it has no change, and is no part of the figure
            Examples.Row("rome", Of("change", 0.01), Of("change/10/mlp/down", 0.0001), Of("change/2/mlp/down", 0.02)),
            Examples.Row("ft-m", Of("change", 0.01), Of("change/10/mlp/down", 0.04)),
        ]);
    }
}
