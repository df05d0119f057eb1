using System.Text;
using Harness.Models;
using Harness.Models.Checkpoints;
using Harness.Models.Tokenizers;
using static TorchSharp.torch;

namespace Harness.Tests.Checkpoints;

/// <summary>Whatever is given in a model folder's place: one line says what it is and what to do.</summary>
public sealed class GivenInsteadTests : IDisposable
{
    private const string Wanted = "; expected a Hugging Face model folder: config.json, tokenizer.json and weights in safetensors";
    private readonly ScratchFolder scratch = new();

    private string Folder => Path.GetDirectoryName(scratch.File("x"))!;

    [Theory]
    [InlineData("", "the folder is empty" + Wanted)]
    [InlineData("pytorch_model.bin config.json", "weights as pickled PyTorch files only (pytorch_model.bin), " +
        "which can run code and are not read; write it as safetensors: load")]
    [InlineData("model.Q4_K_M.gguf", "GGUF files (model.Q4_K_M.gguf), which are llama.cpp's; " +
        "give the safetensors checkpoint that they were made from")]
    [InlineData("tokenizer.model", "a tokenizer without a model" + Wanted)]
    [InlineData("config.json tokenizer.json",
        "model.safetensors: not found, nor model.safetensors.index.json beside it" + Wanted + "; fetch what is missing")]
    [InlineData("model.safetensors tokenizer.json", "weights (model.safetensors) without config.json; " +
        "fetch config.json of the same model into the folder")]
    [InlineData("model_index.json unet/config.json", "a diffusers pipeline, which makes images; facts are edited in language models")]
    [InlineData("onnx/model.onnx config.json", "an ONNX model; give the safetensors checkpoint that it was exported from")]
    [InlineData("edit.json edit.safetensors", "the changes of an edit alone, as --delta writes them, not a whole model; " +
        "give the model that they were made on")]
    [InlineData("tf_model.h5 config.json", "weights of another framework only (tf_model.h5); give the safetensors checkpoint")]
    [InlineData("params.json consolidated.00.pth tokenizer.model", "a checkpoint in its author's own form (params.json, " +
        "consolidated.*); give the one in")]
    [InlineData("config.json model.safetensors.incomplete", "a download was interrupted here (*.incomplete); fetch the model again")]
    [InlineData("config.json .cache/huggingface/download/x.incomplete", "a download was interrupted here (*.incomplete); " +
        "fetch the model again")]
    [InlineData("checkpoint-500/config.json checkpoint-500/model.safetensors trainer_state.json", "no model, but folders that hold one: " +
        "checkpoint-500; give one of them")]
    [InlineData("models--a--b/snapshots/1/config.json models--c--d/refs/main", "the hub's cache of 2 models, not one of them; " +
        "give a snapshot: ")]
    [InlineData("hub/models--a--b/snapshots/1/config.json token", "the hub's cache of 1 models, not one of them; give a snapshot: ")]
    [InlineData("snapshots/1/config.json blobs/2", "a model's folder in the hub's cache; give the snapshot in it: ")]
    public void A_folder_that_is_no_model_s(string files, string message)
    {
        const string Config = """
            {"model_type": "llama", "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "vocab_size": 9}
            """;
        foreach (var name in files.Split(' ', StringSplitOptions.RemoveEmptyEntries)) Write(name, Config);
        var error = Refused(() => Transformer.Load(Folder));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.StartsWith(Folder, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_no_file()
    {
        var (link, target) = (Path.Combine(Folder, "link"), Path.Combine(RealPath.Resolve(Folder), "gone"));
        File.CreateSymbolicLink(link, "gone");
        Assert.Equal($"{link}: found a link to {target}, where nothing is, {Wanted[2..]}; correct the link or give the folder itself",
            Refused(() => GivenInstead.CheckFolder(link)));
    }

    [Fact]
    public void An_adapter_names_its_base_model()
    {
        Write("adapter_config.json", """{"base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "peft_type": "LORA"}""");
        Write("adapter_model.safetensors", "x");
        Write("tokenizer.json", "{}");
        const string Rest =
            ", not a whole model; merge it into its base model first (peft: merge_and_unload, then save_pretrained) and give that folder";
        Assert.Equal($"{Folder}: an adapter for meta-llama/Llama-2-7b-hf{Rest}", Refused(() => Transformer.Load(Folder)));
        Write("adapter_config.json", "[]");
        Assert.Equal($"{Folder}: an adapter{Rest}", Refused(() => Transformer.Load(Folder)));
    }

    [Fact]
    public void The_snapshot_that_refs_name_is_given()
    {
        Write("snapshots/aaa/config.json", "{}");
        Write("snapshots/bbb/config.json", "{}");
        Write("refs/main", "bbb\n");
        Assert.EndsWith(Path.Combine("snapshots", "bbb"), Refused(() => BpeTokenizer.LoadFolder(Folder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.model", "a tokenizer in another form only (tokenizer.model), expected tokenizer.json; " +
        "write it: AutoTokenizer.from_pretrained(folder)")]
    [InlineData("vocab.json merges.txt", "a tokenizer in another form only (merges.txt, vocab.json), expected tokenizer.json")]
    [InlineData("", "tokenizer.json: not found; expected a Hugging Face model folder")]
    public void A_model_without_its_tokenizer_json(string files, string message)
    {
        foreach (var name in $"config.json model.safetensors {files}".Split(' ', StringSplitOptions.RemoveEmptyEntries)) Write(name, "{}");
        Assert.Contains(message, Refused(() => BpeTokenizer.LoadFolder(Folder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        "a git-lfs pointer, not the file itself; run 'git lfs pull'")]
    [InlineData("<!DOCTYPE html>\n<html>", "a web page, as servers send it in a file's place (a log-in or error page); " +
        "fetch the file again")]
    [InlineData("\n  <html lang=\"en\">", "a web page")]
    [InlineData("<?xml version=\"1.0\"?><Error>", "an XML document")]
    [InlineData("GGUF\u0003\0\0\0xxxx", "a GGUF file, which is llama.cpp's")]
    [InlineData("PK\u0003\u0004xxxxxxxx", "a pickled PyTorch file or another zip archive; write it as safetensors")]
    public void A_file_that_is_something_else(string content, string message)
    {
        Write("model.safetensors", content);
        Assert.StartsWith($"{scratch.File("model.safetensors")}: {message}",
            Refused(() => SafetensorsFile.Open(scratch.File("model.safetensors"))), StringComparison.Ordinal);
        Write("config.json", content);
        Assert.StartsWith($"{scratch.File("config.json")}: {message}", Refused(() => Transformer.Load(Folder)), StringComparison.Ordinal);
        Write("tokenizer.json", content);
        Assert.StartsWith($"{scratch.File("tokenizer.json")}: {message}", Refused(() => BpeTokenizer.LoadFolder(Folder)),
            StringComparison.Ordinal);
        Assert.Contains($"it is {message}", Refused(() => GivenInstead.CheckFolder(scratch.File("model.safetensors"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_the_place_of_its_folder()
    {
        Write("model.safetensors", "{}");
        Assert.Equal(
            $"{scratch.File("model.safetensors")}: found a file, expected a Hugging Face model folder: config.json, " +
                "tokenizer.json and weights in safetensors; "
            + $"give the folder that it lies in: {Folder}",
            Refused(() => Transformer.Load(scratch.File("model.safetensors"))));
        Assert.Equal($"{scratch.File("none")}: no such folder; expected a Hugging Face model folder",
            Refused(() => Transformer.Load(scratch.File("none"))));
        GivenInstead.CheckFolder(Folder);
        GivenInstead.CheckFolder(scratch.File("none"));
    }

    [Theory]
    [InlineData("null", "found null, expected an object; fetch the file again")]
    [InlineData("[1]", "found [1], expected an object")]
    [InlineData("", "found no valid JSON at byte 1 (")]
    [InlineData("""{"model_type": "bert"}""", "model_type: found \"bert\", expected llama, mistral, qwen2, qwen3, qwen2_moe, gpt2, " +
        "gptj, bloom; models of other kinds cannot")]
    public void A_configuration_of_no_model(string content, string message)
    {
        Write("config.json", content);
        Assert.StartsWith($"{scratch.File("config.json")}: {message}", Refused(() => Transformer.Load(Folder)), StringComparison.Ordinal);
        Write("config.json", string.Concat(Enumerable.Repeat("[", 100_000)));
        Assert.Contains("maximum configured depth of 64", Refused(() => Transformer.Load(Folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void Quantised_weights_and_missing_shards()
    {
        using var model = TinyModels.Lively(TinyModels.Grouped with { VocabularySize = 258 });
        model.Save(Folder, BpeTokenizer.Train(["one two three"], 258));
        Save("model.safetensors", "model.layers.0.mlp.up_proj.qweight");
        Assert.Equal(
            $"{scratch.File("model.safetensors")}: tensor 'model.layers.0.mlp.up_proj.qweight': found a part of quantised weights, " +
                "expected weights in float32, bfloat16 or float16; take the checkpoint that it was made from, or dequantise it first",
            Refused(() => Transformer.Load(Folder)));
        File.Delete(scratch.File("model.safetensors"));
        Write("model.safetensors.index.json",
            """{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-3.safetensors"}}""");
        Save("model-1.safetensors", "a");
        Assert.Equal(
            $"{scratch.File("model.safetensors.index.json")}: 2 of its 3 files are not there (model-2.safetensors …): the download was " +
                "not finished; fetch the model again",
            Refused(() => Transformer.Load(Folder)));
    }

    public void Dispose() => scratch.Dispose();

    private static string Refused(Action action)
    {
        var error = Assert.Throws<InputException>(action).Message;
        Assert.DoesNotContain('\n', error);
        return error;
    }

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(scratch.File(name))!);
        File.WriteAllBytes(scratch.File(name), Encoding.Latin1.GetBytes(content));
    }

    private void Save(string name, string tensor = "x")
    {
        using var scope = NewDisposeScope();
        SafetensorsFile.Write(scratch.File(name), [(tensor, zeros(1))]);
    }
}
