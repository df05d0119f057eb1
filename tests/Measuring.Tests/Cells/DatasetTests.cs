using Harness.Measuring.Cells;
using Harness.Measuring.Data;
using Harness.Measuring.Worlds;

namespace Harness.Tests.Cells;

public sealed class DatasetTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("dataset");

    public DatasetTests() => WorldGenerator.Generate(new WorldOptions(), seed: 1).Save(Path.Combine(root.FullName, WorldCell.FileName));

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("zsre", true)]
    [InlineData("counterfact", false)]
    public void A_world_is_asked_in_the_schemas_form(string schema, bool inQuestions)
    {
        var data = Run(new DatasetOptions { Schema = schema, Edits = 3, Examples = 2 });
        Assert.Equal((3, 2), (data.Cases.Count, data.Examples.Count));
        Assert.All(data.Cases, edit => Assert.Equal(inQuestions, edit.Prompt.EndsWith('?')));
    }

    [Fact]
    public void A_schema_of_files_has_no_world() => Assert.Equal(
        "data set schema: found 'qaedit', expected zsre or counterfact for a world",
        Assert.Throws<InputException>(() => Run(new DatasetOptions { Schema = "qaedit", Edits = 3 })).Message);

    [Fact]
    public void A_file_is_read_as_it_is_published_and_texts_besides()
    {
        File.WriteAllText(Path.Combine(root.FullName, "facts"), """
            [{"prompt":"Where is Ann?","target_new":"Oslo","subject":"Ann","rephrase_prompt":"Ann is where?",
              "locality_prompt":"Where is Bob?","locality_ground_truth":"Rome"}]
            """);
        File.WriteAllText(Path.Combine(root.FullName, "texts"), """[{"Corpus":"C4","Text":"some text"}]""");
        var data = Run(new DatasetOptions
        {
            Schema = "wikibigedit",
            Edits = 1,
            File = new DataFile("https://example.org", "facts", "aa"),
            Text = new DataFile("https://example.org", "texts", "bb"),
            TextCount = 1,
        });
        Assert.Equal("Oslo", Assert.Single(data.Cases).TargetNew);
        Assert.Equal(["some text"], data.Texts);
    }

    private FactData Run(DatasetOptions options)
    {
        var folder = root.CreateSubdirectory("made").FullName;
        CellRunner.Run(new CellRequest
        {
            Kind = CellKind.Dataset,
            Options = CanonicalJson.ToNode(options)!.AsObject(),
            Seed = 1,
            Inputs = options.File is null ? new Dictionary<string, string> { ["world"] = root.FullName } : new Dictionary<string, string>(),
            OutputFolder = folder,
            Published = new Mirror(root.FullName),
        }, new Progress<string>(), default);
        return FactDataFolder.Read(folder);
    }

    private sealed class Mirror(string folder) : IPublished
    {
        public string File(DataFile file, Action<string> log) => Path.Combine(folder, file.Mirror);

        public PublishedModel Import(ImportOptions options, Action<string> log) => throw new NotSupportedException();

        public string Folder(PublishedModel model, Action<string> log) => throw new NotSupportedException();
    }
}
