using System.Diagnostics;
using Harness.Models;
using Harness.Models.Checkpoints;
using static TorchSharp.torch;

namespace Harness.Benchmarks.Cases;

/// <summary>Reading a bfloat16 checkpoint into float32 parameters.</summary>
internal sealed class LoadCheckpoint(Inputs inputs) : Benchmark
{
    private string folder = "";

    public override string Name => "load-checkpoint";

    public override string Work =>
        "a bfloat16 checkpoint of GPT-2 small's shape (124 M parameters, one safetensors file) into float32 parameters";

    public override string PeerDoes => "plain Python: maps the file and converts each tensor";

    public override string Script => "load_checkpoint.py";

    public override double? Bar => 1;

    public override string Limit =>
        "The peer passes over the values once; the harness also transposes GPT-2's matrices, splits query, key and value, " +
            "and checks that every value is finite (docs/decisions/0014).";

    public override void Prepare(string folder)
    {
        this.folder = folder;
        inputs.Write(folder, inputs.Gpt2, []);
        using var scope = NewDisposeScope();
        var name = Path.Combine(folder, "model.safetensors");
        using var file = SafetensorsFile.Open(name);
        SafetensorsFile.Write(name, [.. file.Names.Select(tensor => (tensor, file.Read(tensor).to(ScalarType.BFloat16)))], file.Metadata);
    }

    public override Outcome Run()
    {
        using var scope = NewDisposeScope();
        var watch = Stopwatch.StartNew();
        using var model = Transformer.Load(folder);
        var seconds = watch.Elapsed.TotalSeconds;
        var sums = model.ParameterNames.Select(name => Sums(model.Parameter(name))).ToList();
        return new Outcome(seconds, new Dictionary<string, IReadOnlyList<double>>
        {
            ["sum"] = [sums.Sum(one => one.Sum)],
            ["magnitude"] = [sums.Sum(one => one.Magnitude)],
        });
    }

    private static (double Sum, double Magnitude) Sums(Tensor parameter)
    {
        using var scope = NewDisposeScope();
        var value = parameter.to(ScalarType.Float64);
        return (value.sum().AsDouble(), value.abs().sum().AsDouble());
    }
}
