using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Harness.Planning;
using Harness.Running;
using Harness.Tests.Declarations;
using static Harness.Tests.Running.SampleCells;

namespace Harness.Tests.Running;

public sealed class CellManifestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CellStore store;
    private readonly PlannedCell cell = Cell("edit-a");

    public CellManifestTests() => store = new CellStore(Path.Combine(folder.Path, "store"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_changed_file_and_a_damaged_manifest_are_errors_that_say_what_to_delete()
    {
        var at = Store(store, cell);
        File.WriteAllText(Path.Combine(at, "data.txt"), "Content");
        Assert.Equal(
            "cell edit-a: file data.txt: SHA-256 found 47bd29075f8b8019f0beec6d86beda7c9bf67aaf05053dcbe0b3bcb63968517f, "
            + $"expected ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open(cell.Key)).Message);
        File.Delete(Path.Combine(at, "data.txt"));
        Assert.Equal($"cell edit-a: file data.txt: missing; delete the folder {at} and run again",
            Assert.Throws<InputException>(() => store.Open(cell.Key)).Message);
        File.Delete(Path.Combine(at, "manifest.json"));
        Assert.StartsWith(
            $"cell in {at}: manifest.json is missing or damaged",
            Assert.Throws<InputException>(() => store.Open(cell.Key)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(at, "manifest.json"), new string('[', 100_000));
        Assert.Contains("maximum configured depth", Assert.Throws<InputException>(() => store.Open(cell.Key)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_the_cell_is_of_in_canonical_JSON()
    {
        var at = Store(store, cell);
        Assert.Equal(
            """
            {"files":[{"bytes":7,"path":"data.txt","sha256":"ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"}],
            "key":"KEY","name":"edit-a","parts":{"code":{"edit-a":"0"},"inputs":{},"kind":"edit","options":{},"seed":1}}
            """.Replace("\n", "").Replace("KEY", cell.Key) + "\n",
            File.ReadAllText(Path.Combine(at, CellManifest.FileName)));
    }

    [Fact]
    public void A_file_that_is_no_part_of_the_cell_is_an_error()
    {
        var at = Store(store, cell);
        File.WriteAllText(Path.Combine(at, "notes.txt"), "mine");
        Assert.Equal("cell edit-a: file notes.txt: found in the cell's folder, which is not the cell's; move it away, or "
            + $"delete the folder {at} and run again", Assert.Throws<InputException>(() => store.Open(cell.Key)).Message);
    }

    [Fact]
    public void A_manifest_is_held_against_its_key()
    {
        var file = Path.Combine(Store(store, cell), CellManifest.FileName);
        var text = File.ReadAllText(file);
        var message = Changed(manifest => manifest["parts"]!["seed"] = 2);
        Assert.Contains("its parts have the key ", message, StringComparison.Ordinal);
        Assert.Contains($", it says {cell.Key}", message, StringComparison.Ordinal);
        Assert.Contains("file data.txt: found in the cell's folder", Changed(manifest => manifest["files"] = new JsonArray()),
            StringComparison.Ordinal);
        Assert.Contains("a file of it is null", Changed(manifest => manifest["files"]!.AsArray().Add(null)), StringComparison.Ordinal);
        Assert.Equal("cell edit-a: file data.txt: found 7 bytes, expected 8; delete the folder "
            + $"{Path.GetDirectoryName(file)} and run again", Changed(manifest => manifest["files"]![0]!["bytes"] = 8));

        string Changed(Action<JsonObject> change)
        {
            var manifest = JsonNode.Parse(text)!.AsObject();
            change(manifest);
            File.WriteAllText(file, manifest.ToJsonString());
            Assert.Equal(Assert.Throws<InputException>(() => new CellStore(store.Folder).Open(cell.Key)).Message, store.FaultOf(cell.Key));
            return store.FaultOf(cell.Key)!;
        }
    }

    [UnprivilegedFact]
    [SupportedOSPlatform("linux")]
    public void A_file_that_cannot_be_read_is_named()
    {
        var file = Path.Combine(Store(store, cell), "data.txt");
        File.SetUnixFileMode(file, UnixFileMode.None);
        Assert.Equal($"cell edit-a: file data.txt: cannot be read (Access to the path '{file}' is denied); make it readable, or delete the "
            + $"folder {Path.GetDirectoryName(file)} and run again", Assert.Throws<InputException>(() => store.Open(cell.Key)).Message);
    }

    [Fact]
    public void A_folder_under_another_cells_name_is_an_error()
    {
        var other = Cell("edit-b").Key;
        var at = Path.Combine(store.Folder, other);
        Directory.Move(Store(store, cell), at);
        Assert.Equal($"cell edit-a: its folder {at} holds the cell {cell.Key}; delete the folder and run again",
            Assert.Throws<InputException>(() => store.Open(other)).Message);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("key")]
    [InlineData("parts")]
    public void A_manifest_that_lacks_a_part_is_damaged(string part)
    {
        var file = Path.Combine(Store(store, cell), CellManifest.FileName);
        var manifest = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        manifest.Remove(part);
        File.WriteAllText(file, manifest.ToJsonString());
        var message = Assert.Throws<InputException>(() => store.Open(cell.Key)).Message;
        Assert.StartsWith(
            $"cell in {Path.GetDirectoryName(file)}: manifest.json is missing or damaged (", message, StringComparison.Ordinal);
        Assert.Contains($"'{part}'", message, StringComparison.Ordinal);
        Assert.EndsWith($"; delete the folder {Path.GetDirectoryName(file)} and run again", message, StringComparison.Ordinal);
    }
}

/// <summary>A test of permissions, which root is not held to.</summary>
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (Environment.IsPrivilegedProcess) Skip = "root may read and write everything";
    }
}
