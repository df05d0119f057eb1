using System.Text.Json.Nodes;
using Harness.Editing;
using Harness.Editing.Editors.Grace;
using Harness.Editing.Editors.Ike;
using Harness.Editing.Editors.Serac;
using Harness.Editing.Editors.Wise;
using Harness.Editing.Memory;
using Harness.Editing.Neurons;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Tests;

/// <summary>
/// Sizes that come from files or from another model are refused by name: libtorch ends the process where a product has none.
/// </summary>
public sealed class EditShapeTests
{
    private static readonly JsonObject Memory = new() { ["layer"] = 0, ["answer-tokens"] = 4, ["threshold"] = 0.5 };

    // A module for a model of width 32 and MLP width 64, where the named tensor has the wrong size.
    public static TheoryData<string, string> Cases => new()
    {
        { "calinet", "'keys': found [2, 31], expected [any, 32]" },
        { "calinet", "'biases': found [3], expected [2]" },
        { "calinet", "'values': found [3, 32], expected [2, 32]" },
        { "serac", "'scope': found [5, 31], expected [any, 32]" },
        { "serac", "'edits': found [1, 6], expected [any, 5]" },
        { "ike", "'prompts': found [1, 31], expected [any, 32]" },
        { "grace", "'keys': found [1, 32], expected [any, 64]" },
        { "grace", "'values': found [1, 31], expected [1, 32]" },
        { "wise", "'delta': found [32, 63], expected [32, 64]" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_module_of_another_model_is_refused_before_it_is_used(string editor, string told)
    {
        using var tiny = new TinySession();
        using var edit = new Edit([], new Dictionary<string, double>(), Module(editor, told.Split('\'')[1], told.Split('[', ']')[1]));
        var message = $"The edit of '{editor}' keeps {told}. Apply it to its own model.";
        Assert.Equal(message, Assert.Throws<InputException>(() => edit.ApplyTo(tiny.Model)).Message);
        Assert.Equal(message, Assert.Throws<InputException>(() => edit.AddTo(tiny.Model)).Message);
        Assert.Equal(message, Assert.Throws<InputException>(() => new EditedModel(tiny.Model, edit.Module)).Message);
    }

    [Theory]
    [InlineData("calinet")]
    [InlineData("grace")]
    public void A_module_of_a_deeper_model_is_refused(string editor)
    {
        using var tiny = new TinySession();
        using var edit = new Edit([], new Dictionary<string, double>(), Module(editor, "", "", layer: 7));
        Assert.Equal(
            $"The edit of '{editor}' is at layer 7, expected one below {tiny.Model.Config.Layers}. Apply it to its own model.",
            Assert.Throws<InputException>(() => edit.ApplyTo(tiny.Model)).Message);
    }

    [Theory]
    [InlineData("calinet")]
    [InlineData("serac")]
    [InlineData("ike")]
    [InlineData("grace")]
    [InlineData("wise")]
    public void A_module_of_this_model_is_asked(string editor)
    {
        using var tiny = new TinySession();
        using var edit = new Edit([], new Dictionary<string, double>(), Module(editor, "", ""));
        using var applied = edit.ApplyTo(tiny.Model);
        Assert.Single(new EditedModel(tiny.Model, edit.Module).Force([new Sequence([1, 2, 3, 4], 2)]));
    }

    [Fact]
    public void Factors_of_a_stored_edit_that_have_no_product_are_named_with_their_file()
    {
        var file = Path.GetTempFileName();
        using (var scope = NewDisposeScope())
            SafetensorsFile.Write(
                file, [("a.left", ones(4, 2)), ("a.right", ones(3, 5))], new Dictionary<string, string> { ["format"] = "harness-edit-1" });
        Assert.Equal(
            $"{file}: 'a': found factors [4, 2] and [3, 5], expected [outputs, rank] and [rank, inputs]; make the edit again.",
            Assert.Throws<InputException>(() => Edit.Load(file)).Message);
        File.Delete(file);
    }

    [Fact]
    public void Factors_that_have_no_product_make_no_change()
    {
        using var scope = NewDisposeScope();
        const string Message = "a: factors [9, 8] and [7, 9] have no product.";
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => WeightDelta.LowRank("a", ones(9, 8), ones(7, 9))).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => WeightDelta.FromFactors("a", ones(9, 8), ones(7, 9))).Message);
    }

    private static EditModule Module(string editor, string wrong, string size, int layer = 1)
    {
        using var scope = NewDisposeScope();
        switch (editor)
        {
            case "calinet":
                return ExtraNeurons.Copy(
                    "calinet", Own("keys", 2, 32), Own("biases", 2), Own("values", 2, 32), NeuronActivation.Relu, layer);
            case "grace":
                var codebook = new Codebook();
                codebook.Append(new(Own("keys", 1, 64).data<float>().ToArray(), Own("values", 1, 32).data<float>().ToArray(), 0.1, []));
                return GraceModule.Of(codebook, new() { Layer = layer });
            case "wise":
                return WiseModule.Of(Own("delta", 32, 64), 1e9, new() { Layer = 1 });
        }

        var tensors = new Dictionary<string, Tensor> { ["prefix"] = tensor(new long[] { 1 }).DetachFromDisposeScope() };
        foreach (var name in editor == "ike" ? (string[])["headers", "choices", "demonstrations"] : ["words"])
            IdLists.Add(tensors, name, [[]]);
        foreach (var (name, sizes) in editor == "ike" ? (IEnumerable<(string, long[])>)[("prompts", [1, 32])]
            : [("scope", [5, 32]), ("edits", [1, 5])])
            tensors.Add(name, Own(name, sizes).DetachFromDisposeScope());
        return editor == "ike" ? new IkeModule(tensors, (JsonObject)Memory.DeepClone())
            : new SeracModule(tensors, (JsonObject)Memory.DeepClone());

        Tensor Own(string name, params long[] sizes) => ones(name == wrong ? [.. size.Split(", ").Select(long.Parse)] : sizes);
    }
}
