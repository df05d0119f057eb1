using System.Text.Json.Nodes;
using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class CellManifestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;

    public CellManifestTests() => store = new CellStore(Path.Combine(folder.Path, "store"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_changed_file_and_a_damaged_manifest_are_errors_that_say_what_to_delete()
    {
        var at = Store(store, Cell("edit-a"));
        File.WriteAllText(Path.Combine(at, "data.txt"), "Content");
        Assert.Equal(
            "cell edit-a: file data.txt: SHA-256 found 47bd29075f8b8019f0beec6d86beda7c9bf67aaf05053dcbe0b3bcb63968517f, "
            + $"expected ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message);
        File.Delete(Path.Combine(at, "data.txt"));
        Assert.Equal($"cell edit-a: file data.txt: missing; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message);
        File.Delete(Path.Combine(at, "manifest.json"));
        Assert.StartsWith(
            $"cell in {at}: manifest.json is missing or damaged",
            Assert.Throws<InputException>(() => store.Open("edit-a")).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(at, "manifest.json"), new string('[', 100_000));
        Assert.Contains("maximum configured depth", Assert.Throws<InputException>(() => store.Open("edit-a")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_the_cell_is_of_in_canonical_JSON()
    {
        var at = Store(store, Cell("edit-a"));
        Assert.Equal(
            """
            {"files":[{"bytes":7,"path":"data.txt","sha256":"ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"}],
            "key":"edit-a","name":"edit-a","parts":{"code":{},"inputs":{},"kind":"edit","options":{},"seed":1}}
            """.Replace("\n", "") + "\n",
            File.ReadAllText(Path.Combine(at, CellManifest.FileName)));
    }

    [Fact]
    public void A_file_that_is_no_part_of_the_cell_does_not_count()
    {
        var at = Store(store, Cell("edit-a"));
        File.WriteAllText(Path.Combine(at, "notes.txt"), "mine");
        Assert.Equal(at, store.Open("edit-a"));
    }

    [Fact]
    public void A_folder_under_another_cells_name_is_an_error()
    {
        var at = Path.Combine(store.Folder, "edit-b");
        Directory.Move(Store(store, Cell("edit-a")), at);
        Assert.Equal($"cell edit-a: its folder {at} holds the cell edit-a; delete the folder and run again",
            Assert.Throws<InputException>(() => store.Open("edit-b")).Message);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("key")]
    [InlineData("parts")]
    public void A_manifest_that_lacks_a_part_is_damaged(string part)
    {
        var file = Path.Combine(Store(store, Cell("edit-a")), CellManifest.FileName);
        var manifest = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        manifest.Remove(part);
        File.WriteAllText(file, manifest.ToJsonString());
        var message = Assert.Throws<InputException>(() => store.Open("edit-a")).Message;
        Assert.StartsWith(
            $"cell in {Path.GetDirectoryName(file)}: manifest.json is missing or damaged (", message, StringComparison.Ordinal);
        Assert.Contains($"'{part}'", message, StringComparison.Ordinal);
        Assert.EndsWith("; delete the folder and run again", message, StringComparison.Ordinal);
    }
}
