// I = MLP width, O = model width.
using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Editing.Locating;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Reference;

/// <summary>Editors against the weight deltas that their authors' code makes on the same models; see README.md beside this file.</summary>
public sealed class ReferenceTests
{
    // Reached: 1.53e-5 at most, of PMET.
    private const double Tolerance = 1e-4;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Reference");
    private static readonly JsonNode Cases = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "cases.json")))!;

    [Theory]
    [InlineData("rome")]
    [InlineData("memit")]
    [InlineData("emmet")]
    [InlineData("alphaedit")]
    [InlineData("r-rome")]
    [InlineData("memit-seq")]
    [InlineData("rect")]
    [InlineData("pmet")]
    [InlineData("locft-bf")]
    public void Changes_the_weights_as_its_authors_code_does(string name)
    {
        using var scope = NewDisposeScope();
        var options = Options(name);
        var folder = Path.Combine(Folder, Cases["editors"]![name]!["model"]!.GetValue<string>());
        using var model = Transformer.Load(folder);
        using var statistics = new Stored();
        var session = new EditSession
        {
            Model = model,
            Tokenizer = BpeTokenizer.LoadFolder(folder),
            Seed = 1,
            Statistics = statistics,
        };
        if (options.Contexts is not null)
            Assert.Equal(Cases["contexts"]!.AsArray().Select(text => text!.GetValue<string>()), Contexts.Sample(session, options.Contexts));

        using var edit = EditorRegistry.Find(name).Create(options.All).Edit(session, Requests());
        using var expected = SafetensorsFile.Open(Path.Combine(Folder, name + ".safetensors"));
        Assert.Equal(expected.Names.Order(StringComparer.Ordinal),
            edit.Deltas.Select(delta => delta.Parameter).Order(StringComparer.Ordinal));
        Assert.All(edit.Deltas, delta => Assert.InRange(Numbers.Distance(delta.ToDense(), expected.Read(delta.Parameter)), 0, Tolerance));
    }

    private static (object All, ContextOptions? Contexts) Options(string name)
    {
        var json = Cases["editors"]![name]!["options"]!;
        return (
            json.Deserialize(EditorRegistry.Find(name).OptionsType, CanonicalJson.Settings)!,
            (json["memit"] ?? json)["contexts"] is { } contexts ? CanonicalJson.FromNode<ContextOptions>(contexts) : null);
    }

    private static EditRequest[] Requests() =>
        [.. Cases["requests"]!.AsArray().Select(request => CanonicalJson.FromNode<EditRequest>(request))];

    private sealed class Stored : IKeyStatistics, IDisposable
    {
        private readonly Dictionary<int, Tensor> covariances = [];

        public Stored()
        {
            using var file = SafetensorsFile.Open(Path.Combine(Folder, "statistics.safetensors"));
            foreach (var layer in new[] { 0, 1 })
                covariances.Add(layer, file.Read($"layer.{layer}").DetachFromDisposeScope());
        }

        public Tensor Covariance(int layer) => covariances[layer];

        public void Dispose()
        {
            foreach (var covariance in covariances.Values)
                covariance.Dispose();
        }
    }
}
