using Harness.Measuring.Cells;

namespace Harness.Tests.Cells;

public sealed class ModelTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("model");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("""{"asked":4,"recalled":3}""", true)]
    [InlineData("""{"asked":4,"recalled":3,"unseen":{"generality":{"asked":2,"recalled":1}}}""", true)]
    [InlineData("""{"asked":4}""", false)]
    [InlineData("[]", false)]
    [InlineData("{", false)]
    public void A_folder_holds_a_recall_where_it_can_be_read(string text, bool isIn)
    {
        Assert.False(Recall.IsIn(folder.FullName));
        Write(Recall.FileName, text);
        Assert.Equal(isIn, Recall.IsIn(folder.FullName));
        if (!isIn) return;
        var recall = Recall.Read(folder.FullName);
        Assert.Equal((3, 4), (recall.Recalled, recall.Asked));
        Assert.Equal(text.Contains("unseen", StringComparison.Ordinal) ? new Recall(1, 2) : null, recall.Unseen?["generality"]);
    }

    [Fact]
    public void A_model_lies_in_its_cell_or_where_its_import_says()
    {
        var elsewhere = new OnePublished(new PublishedModel("org/name", "r", [new PublishedFile("config.json", 2, "aa")]), "/elsewhere");
        Assert.Equal(folder.FullName, ModelFolder.Of(folder.FullName, elsewhere, _ => { }));
        Write("import.json", """{"files":[{"path":"config.json","sha256":"aa","size":2}],"id":"org/name","revision":"r"}""");
        Assert.Equal("/elsewhere", ModelFolder.Of(folder.FullName, elsewhere, _ => { }));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"id":"org/name"}""")]
    [InlineData("[]")]
    public void A_damaged_import_says_what_to_delete(string text)
    {
        Write("import.json", text);
        var message = Assert.Throws<InputException>(() => ModelFolder.Of(folder.FullName, new OnePublished(null, ""), _ => { })).Message;
        Assert.StartsWith($"{Path.Combine(folder.FullName, "import.json")}: found no import (", message, StringComparison.Ordinal);
        Assert.EndsWith("), expected id, revision and files; delete the cell's folder and run again", message, StringComparison.Ordinal);
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(folder.FullName, file), text);

    // Knows where one model is.
    private sealed class OnePublished(PublishedModel? known, string place) : IPublished
    {
        public string File(DataFile file, Action<string> log) => throw new NotSupportedException();

        public PublishedModel Import(ImportOptions options, Action<string> log) => throw new NotSupportedException();

        public string Folder(PublishedModel model, Action<string> log)
        {
            Assert.Equal(CanonicalJson.ToText(known), CanonicalJson.ToText(model));
            return place;
        }
    }
}
