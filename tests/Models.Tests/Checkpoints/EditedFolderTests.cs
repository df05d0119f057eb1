using System.Runtime.Versioning;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Checkpoints;

public sealed class EditedFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    private string Source => Path.Combine(root, "source");

    private string Target => Path.Combine(root, "target");

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("bloom")]
    public void Only_the_changed_values_differ_and_the_copy_answers_like_the_edited_model(string family)
    {
        using var scope = NewDisposeScope();
        Save(family);
        using var model = Transformer.Load(Source, new LoadOptions { Streamed = true });
        string[] changed = [Sites.Key(1), Sites.DownProjection(0)];
        using (no_grad())
            foreach (var name in changed) model.Parameter(name).mul_(Held(1.5));
        var before = Bytes(Source);
        EditedFolder.Write(model, Source, Target, changed);
        Assert.Equal(before, Bytes(Source));

        using var copy = Transformer.Load(Target);
        using var original = Transformer.Load(Source);
        Assert.All(model.ParameterNames, name => Assert.Equal(
            !changed.Contains(name), TinyModels.Same(copy.Parameter(name), original.Parameter(name))));
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 6));
        Assert.True(TinyModels.Same(model.Logits(tokens_BT), copy.Logits(tokens_BT)));
        Assert.Equal(Bytes(Source).Keys, Bytes(Target).Keys);
        Assert.All(before.Where(file => file.Key != "model.safetensors"), file => Assert.Equal(file.Value, Bytes(Target)[file.Key]));
    }

    [Fact]
    public void Half_precision_stays_and_the_model_can_be_rounded_to_it()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        var file = Path.Combine(Source, "model.safetensors");
        (string, Tensor)[] half;
        using (var stored = SafetensorsFile.Open(file))
            half = [.. stored.Names.Select(name => (name, stored.Read(name).to(ScalarType.BFloat16)))];
        SafetensorsFile.Write(file, half);

        using var model = Transformer.Load(Source, new LoadOptions { Streamed = true });
        string[] changed = [Sites.DownProjection(1)];
        using (no_grad()) model.Parameter(changed[0]).mul_(Held(1.2345));
        using var unrounded = model.Parameter(changed[0]).clone();
        model.RoundToStored(changed);
        Assert.False(TinyModels.Same(unrounded, model.Parameter(changed[0])));
        EditedFolder.Write(model, Source, Target, changed);
        using var written = SafetensorsFile.Open(Path.Combine(Target, "model.safetensors"));
        Assert.All(written.Names, name => Assert.Equal(ScalarType.BFloat16, written.Find(name).Dtype.Type));
        using var copy = Transformer.Load(Target);
        Assert.True(TinyModels.Same(model.Parameter(changed[0]), copy.Parameter(changed[0])));
    }

    [Fact]
    public void Other_weights_are_left_out_and_nothing_is_overwritten()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        string[] weights =
        [
            "adapter_model.safetensors", "consolidated.00.pth", "flax_model.msgpack", "model-00001-of-00002.safetensors",
                "model.Q4_K_M.gguf", "model.fp16.safetensors",
            "model.onnx", "model.onnx_data", "model.safetensors.index.fp16.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
                "quantize_config.json", "tf_model.h5",
            "training_args.bin",
        ];
        string[] hashes = ["MD5SUMS", "SHA256SUMS", "checklist.chk", "checksums.txt", "model.sha256", "sha256sum.txt"];
        string[] kept = [".gitattributes", "README.md", "added.json", "binary.txt", "chat_template.jinja", "merges.txt", "shards.json",
            "tokenizer.model", "trainer_state.json"];
        foreach (var name in (string[])[.. weights, .. hashes, .. kept]) File.WriteAllText(Path.Combine(Source, name), "old");
        using var model = Transformer.Load(Source);
        Assert.Equal(
            [.. weights.Select(name => new LeftOut(name, FolderContents.Weights))
                .Concat(hashes.Select(name => new LeftOut(name, FolderContents.Hashes))).OrderBy(one => one.Name, StringComparer.Ordinal)],
            EditedFolder.Write(model, Source, Target, []));
        Assert.Equal(kept.Concat(["config.json", "model.safetensors", "tokenizer.json"]).Order(StringComparer.Ordinal), Bytes(Target).Keys);
        var fault = Assert.Throws<InputException>(() => EditedFolder.Write(model, Source, Target, []));
        Assert.Equal($"{Target}: found something there already, expected a new or empty folder; name another one", fault.Message);
    }

    [Fact]
    public void Weights_under_any_name_are_left_out()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        File.Copy(Path.Combine(Source, "model.safetensors"), Path.Combine(Source, "backup"));
        File.WriteAllBytes(Path.Combine(Source, "llama-f16"), [.. "GGUF"u8, .. new byte[20]]);
        File.WriteAllBytes(Path.Combine(Source, "keras"), [0x89, .. "HDF\r\n"u8, .. new byte[20]]);
        File.CreateSymbolicLink(Path.Combine(Source, "latest"), "model.safetensors");
        File.WriteAllText(Path.Combine(Source, "short"), "{");
        using var model = Transformer.Load(Source);
        Assert.Equal(
            [new("backup", FolderContents.Weights), new("keras", FolderContents.Weights), new("latest", FolderContents.Weights),
                new LeftOut("llama-f16", FolderContents.Weights)],
            EditedFolder.Write(model, Source, Target, []));
        Assert.Equal(["config.json", "model.safetensors", "short", "tokenizer.json"], Bytes(Target).Keys);
    }

    [Fact]
    public void Folders_are_copied_unless_they_hold_weights_or_are_hidden()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        foreach (var file in (string[])["additional_chat_templates/tool_use.jinja", "docs/a/b.txt", "docs/.cache/c", "docs/SHA256SUMS",
            "onnx/config.json", "onnx/deep/model.onnx", ".cache/huggingface/x"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Source, file))!);
            File.WriteAllText(Path.Combine(Source, file), file);
        }

        // Of a cache of the hub, files are links; nothing that leads back up is followed.
        var elsewhere = Directory.CreateDirectory(Path.Combine(root, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "blob"), "linked");
        File.CreateSymbolicLink(Path.Combine(Source, "docs", "linked.txt"), Path.Combine(elsewhere, "blob"));
        Directory.CreateSymbolicLink(Path.Combine(Source, "shared"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(Source, "self"), Source);
        Directory.CreateSymbolicLink(Path.Combine(Source, "docs", "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(Source, "docs", "above"), root);
        File.CreateSymbolicLink(Path.Combine(Source, "dangling.txt"), Path.Combine(elsewhere, "gone"));
        using var model = Transformer.Load(Source);
        var before = EditedFolder.BytesOf(Source);
        const string Circle = "they are links that lead back up", Hidden = "they are hidden";
        Assert.Equal(
            [
                new(".cache/", Hidden), new("dangling.txt", "they are links that lead nowhere"), new("docs/.cache/", Hidden),
                    new("docs/SHA256SUMS", FolderContents.Hashes),
                new("docs/above/", Circle), new("docs/up/", Circle), new LeftOut("onnx/", FolderContents.Weights), new("self/", Circle),
            ],
            EditedFolder.Write(model, Source, Target, []));
        string[] copied = [.. Directory.GetFiles(Target, "*", SearchOption.AllDirectories)];
        Assert.Equal(
            ["additional_chat_templates/tool_use.jinja", "config.json", "docs/a/b.txt", "docs/linked.txt", "model.safetensors",
                "shared/blob", "tokenizer.json"],
            copied.Select(file => Path.GetRelativePath(Target, file)).Order(StringComparer.Ordinal));
        Assert.All(copied, file => Assert.Null(new FileInfo(file).LinkTarget));
        Assert.Equal("linked", File.ReadAllText(Path.Combine(Target, "docs", "linked.txt")));
        Assert.Equal(before, copied.Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public void A_folder_too_large_for_a_models_is_left_out()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        var many = Directory.CreateDirectory(Path.Combine(Source, "many")).FullName;
        for (var i = 0; i <= 1000; i++) File.WriteAllText(Path.Combine(many, $"{i}"), "");
        Directory.CreateDirectory(Path.Combine(Source, "deep", Path.Combine([.. Enumerable.Repeat("a", 20)])));
        Directory.CreateDirectory(Path.Combine(Source, "large"));
        using (var large = File.Create(Path.Combine(Source, "large", "text"))) large.SetLength((64 << 20) + 1);
        using var model = Transformer.Load(Source);
        var left = EditedFolder.Write(model, Source, Target, []);
        Assert.Equal(["deep/", "large/", "many/"], left.Select(one => one.Name));
        Assert.All(left, one => Assert.Equal(
            "they are larger than what belongs to a model: 64 MiB, 1000 files or folders 16 deep", one.Why));
    }

    [Fact]
    public void The_hashes_are_those_of_the_files_and_what_states_the_old_ones_is_left_out()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        var old = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(Source, "model.safetensors"))));
        File.WriteAllText(Path.Combine(Source, "release.json"), $$"""{"model.safetensors": "{{old.ToUpperInvariant()}}"}""");
        File.WriteAllText(Path.Combine(Source, "README.md"), $"made from {old}");
        using var model = Transformer.Load(Source);
        WeightHashes? hashes = null;
        Assert.Empty(EditedFolder.Write(model, Source, Target, [], finish: (_, found) => hashes = found));
        Assert.Equal(new Dictionary<string, string> { ["model.safetensors"] = old }, hashes!.Edited);
        Assert.Equal(hashes.Edited, hashes.Written);
        Assert.Equal(hashes.Edited, EditedFolder.HashesOf(Source));

        using (no_grad()) model.Parameter(Sites.FinalNorm).mul_(Held(2));
        var changed = Target + "2";
        Assert.Equal([new LeftOut("release.json", FolderContents.Hashes)],
            EditedFolder.Write(model, Source, changed, [Sites.FinalNorm], finish: (_, found) => hashes = found));
        Assert.Equal(old, hashes.Edited["model.safetensors"]);
        Assert.Equal(EditedFolder.HashesOf(changed), hashes.Written);
        Assert.NotEqual(hashes.Edited, hashes.Written);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_read_only_original_stays_so_and_its_copy_can_be_written()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        var weights = Path.Combine(Source, "model.safetensors");
        File.SetUnixFileMode(weights, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var before = Bytes(Source);
        using var model = Transformer.Load(Source);
        using (no_grad()) model.Parameter(Sites.FinalNorm).mul_(Held(2));
        EditedFolder.Write(model, Source, Target, [Sites.FinalNorm]);
        Assert.Equal(before, Bytes(Source));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(Path.Combine(Target, "model.safetensors")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(weights));
    }

    [Theory]
    [InlineData("llama", Sites.Embedding, "")]
    [InlineData("gpt2", "transformer.wte.weight", "")]
    [InlineData("gpt2", "wte.weight", "transformer.")]
    [InlineData("bloom", "transformer.word_embeddings.weight", "")]
    [InlineData("bloom", "word_embeddings.weight", "transformer.")]
    public void A_tied_head_that_is_stored_twice_is_written_twice(string family, string embedding, string prefix)
    {
        using var scope = NewDisposeScope();
        Save(family, tied: true);
        Rewrite(tensors => [.. tensors.Select(tensor => (Plain(tensor.Name), tensor.Value)),
            (Sites.Head, tensors.First(tensor => Plain(tensor.Name) == embedding).Value)]);
        using var model = Transformer.Load(Source, new LoadOptions { Streamed = true });
        using (no_grad()) model.Parameter(Sites.Embedding).mul_(Held(1.5));
        EditedFolder.Write(model, Source, Target, [Sites.Embedding]);
        using (var written = SafetensorsFile.Open(Path.Combine(Target, "model.safetensors")))
        {
            Assert.True(written.IsSame(embedding, written, Sites.Head));
            using var original = SafetensorsFile.Open(Path.Combine(Source, "model.safetensors"));
            Assert.False(original.IsSame(Sites.Head, written, Sites.Head));
        }

        // A reader that takes the stored head.
        var config = Path.Combine(Target, "config.json");
        File.WriteAllText(config,
            File.ReadAllText(config).Replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", StringComparison.Ordinal));
        using var untied = Transformer.Load(Target);
        var tokens_BT = TinyModels.Tensor(TinyModels.Tokens(2, 6));
        Assert.False(untied.Config.TiedHead);
        Assert.True(TinyModels.Same(model.Logits(tokens_BT), untied.Logits(tokens_BT)));

        string Plain(string name) => prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    [Theory]
    [InlineData("llama", Sites.Embedding)]
    [InlineData("gpt2", "transformer.wte.weight")]
    [InlineData("bloom", "transformer.word_embeddings.weight")]
    public void A_tied_head_that_is_stored_as_something_else_is_refused(string family, string embedding)
    {
        using var scope = NewDisposeScope();
        Save(family, tied: true);
        Rewrite(tensors => [.. tensors, (Sites.Head, tensors.First(tensor => tensor.Name == embedding).Value.mul(Held(2)))]);
        Assert.Equal(
            $"{Source}/model.safetensors: tensor 'lm_head.weight': found other values, or another dtype, than in '{embedding}', " +
                "expected the same: config.json ties the two (tie_word_embeddings), and some tools take one and some the other; " +
                    "set tie_word_embeddings to false, or remove 'lm_head.weight'",
            Assert.Throws<InputException>(() => Transformer.Load(Source)).Message);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("gptj")]
    [InlineData("bloom")]
    public void A_head_that_is_neither_tied_nor_stored_is_refused(string family)
    {
        using var scope = NewDisposeScope();
        Save(family);
        Rewrite(tensors => [.. tensors.Where(tensor => tensor.Name != Sites.Head)]);
        Assert.Equal(
            $"{Source}/model.safetensors: lacks 1 tensor: lm_head.weight, which config.json asks for",
                Assert.Throws<InputException>(() => Transformer.Load(Source)).Message);
    }

    [Fact]
    public void An_adapter_beside_the_weights_is_refused()
    {
        using var scope = NewDisposeScope();
        Save("llama");
        File.WriteAllText(Path.Combine(Source, "adapter_model.safetensors"), "");
        using (Transformer.Load(Source))
        {
        }

        File.WriteAllText(Path.Combine(Source, "adapter_config.json"), "{}");
        Assert.Equal(
            $"{Source}: found an adapter beside the weights (adapter_config.json, adapter_model.safetensors), " +
                "which other tools put on top of them, expected weights alone; "
                + "merge it into them (PEFT: merge_and_unload, then save_pretrained), " +
                    "or take these files away to edit the weights without it",
            Assert.Throws<InputException>(() => Transformer.Load(Source)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shards_beside_the_one_file_are_left_out_and_said_to_be_others(bool differ)
    {
        using var scope = NewDisposeScope();
        Save("llama");
        Rewrite(tensors => tensors, "model-00001-of-00001.safetensors");
        var names = new List<string>();
        Rewrite(tensors =>
        {
            names.AddRange(tensors.Select(tensor => tensor.Name));
            return [.. tensors.Select(
                tensor => (tensor.Name, differ && tensor.Name == Sites.FinalNorm ? tensor.Value.mul(Held(2)) : tensor.Value))];
        });
        File.WriteAllText(
            Path.Combine(Source, "model.safetensors.index.json"),
            $$"""{"weight_map": { {{string.Join(", ", names.Select(name => $"\"{name}\": \"model-00001-of-00001.safetensors\""))}} } }""");
        using var model = Transformer.Load(Source);
        Assert.Equal(
            [
                new LeftOut("model-00001-of-00001.safetensors", FolderContents.Weights),
                new("model.safetensors.index.json", differ
                    ? "its shards hold something else than model.safetensors, which was edited, first in 'model.norm.weight'"
                    : FolderContents.Weights),
            ],
            EditedFolder.Write(model, Source, Target, [Sites.FinalNorm]));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Bytes(Target).Keys);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Rewrite(Func<IReadOnlyList<(string Name, Tensor Value)>, IReadOnlyList<(string Name, Tensor Value)>> change,
        string name = "model.safetensors")
    {
        var file = Path.Combine(Source, "model.safetensors");
        (string, Tensor)[] tensors;
        using (var stored = SafetensorsFile.Open(file)) tensors = [.. stored.Names.Select(each => (each, stored.Read(each)))];
        SafetensorsFile.Write(Path.Combine(Source, name), change(tensors));
    }

    private void Save(string family, bool tied = false)
    {
        var shape = TinyModels.Grouped with { Family = family, KeyValueHeads = 4, MlpWidth = 64, VocabularySize = 300, TiedHead = tied };
        using var model = TinyModels.Lively(shape);
        Directory.CreateDirectory(Source);
        model.Save(Source, BpeTokenizer.Train(["one two three"], 258));
    }

    private static SortedDictionary<string, string> Bytes(string folder) => new(Directory.GetFiles(folder)
        .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file))), StringComparer.Ordinal);
}
