using Harness.Editing;
using Harness.Editing.Editors.Grace;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests;

public sealed class EditModuleTests
{
    [Fact]
    public void Comes_back_from_the_edits_file_and_gives_the_same_bytes_again()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Path.GetTempFileName(), Path.GetTempFileName());
        using var edit = new Edit(
            [WeightDelta.Dense(Sites.FinalNorm, ones(4))], new Dictionary<string, double> { ["loss"] = 0.1 }, Sample());
        edit.Save(first);
        using var loaded = Edit.Load(first);
        loaded.Save(second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.Equal("grace", loaded.Module!.Kind);
        Assert.Equal(edit.Module!.Tensors.Keys.Order(), loaded.Module.Tensors.Keys.Order());
        Assert.All(edit.Module.Tensors, pair => Assert.Equal(Numbers.Of(pair.Value), Numbers.Of(loaded.Module.Tensors[pair.Key])));
        Assert.Equal(CanonicalJson.ToText(edit.Module.Settings), CanonicalJson.ToText(loaded.Module.Settings));
        Assert.Equal([Sites.FinalNorm], loaded.Deltas.Select(delta => delta.Parameter));
        File.Delete(first);
        File.Delete(second);
    }

    [Theory]
    [InlineData("module.settings", "[")]
    [InlineData("module.settings", "null")]
    [InlineData("module.settings", "deep")]
    [InlineData("figure.loss", "x")]
    public void Metadata_that_cannot_be_read_are_one_line(string key, string value)
    {
        var file = Path.GetTempFileName();
        if (value == "deep") value = new string('[', 100_000);
        var metadata = new Dictionary<string,
            string>
        { ["format"] = "harness-edit-1", ["module.kind"] = "grace", ["module.settings"] = "{}", [key] = value };
        using (var scope = NewDisposeScope()) SafetensorsFile.Write(file, [("a.delta", ones(1, 1))], metadata);
        var error = Assert.Throws<InputException>(() => Edit.Load(file)).Message;
        Assert.StartsWith($"{file}: found unreadable metadata (", error, StringComparison.Ordinal);
        Assert.EndsWith("), expected an edit as it was saved; make the edit again.", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        File.Delete(file);
    }

    [Theory]
    [InlineData("rome", "found an edit of 'rome', which keeps nothing beside the weights here; make the edit again.")]
    [InlineData("grace", "found an edit of 'grace' without its 'module.settings'; make the edit again.")]
    public void A_file_that_does_not_fit_is_named_and_leaves_no_tensor(string kind, string message)
    {
        var file = Path.GetTempFileName();
        using (var keys = ones(2, 2))
        {
            SafetensorsFile.Write(
                file, [("module/keys", keys), (Sites.FinalNorm + ".delta", keys)],
                new Dictionary<string, string> { ["format"] = "harness-edit-1", ["module.kind"] = kind });
        }

        var count = Tensor.TotalCount;
        var error = Assert.Throws<InputException>(() => Edit.Load(file));
        Assert.Equal($"{file}: {message}", error.Message);
        Assert.Equal(count, Tensor.TotalCount);
        File.Delete(file);
    }

    [Fact]
    public void Is_freed_with_its_edit()
    {
        var count = Tensor.TotalCount;
        new Edit([], new Dictionary<string, double>(), Sample()).Dispose();
        Assert.Equal(count, Tensor.TotalCount);
    }

    private static GraceModule Sample()
    {
        var codebook = new Codebook();
        codebook.Append(new([1, 2, 3], [4, 5], 0.1 + 0.2, []));
        codebook.Append(new([6, 7, 8], [9, 10], 1e-9, []));
        return GraceModule.Of(codebook, new() { Layer = 1, Replacement = GraceReplacement.All });
    }
}
