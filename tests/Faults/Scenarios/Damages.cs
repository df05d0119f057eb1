using System.IO.Compression;

namespace Harness.Faults.Scenarios;

/// <summary>
/// A bit of a file is flipped, or its end cut off: the next run notices it by one clear error, or gives the same results.
/// </summary>
internal sealed class Damages(string place, int quick, int whole)
    : Scenario($"damaged-{place}", $"a flipped bit or a cut end in a file of the {place}", quick, whole)
{
    public override void Try(TrialClone clone, int count, SeededRandom random, Tally tally)
    {
        clone.Clear();
        using (var sound = clone.Start("--accept"))
            if (clone.FaultOfFailing(sound) is { } fault) throw new InputException($"the study does not run: {fault}");
        var folder = place switch { "store" => clone.Store, "declarations" => clone.Experiments, _ => clone.Results };
        string[] files = [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".run.json", StringComparison.Ordinal) && new FileInfo(file).Length > 0)
            .Order(StringComparer.Ordinal)];
        while (tally.Tried < count)
        {
            var file = files[random.Next(files.Length)];
            var before = File.ReadAllBytes(file);
            var (after, what) = Damaged(before, random);
            File.WriteAllBytes(file, after);
            string? loss;
            using (var run = clone.Start(place == "snapshots" ? [$"--target=Verify", $"--experiments={TrialClone.Target}"] : []))
                loss = LossOf(clone, run, file, before, after);
            tally.Add(loss, $"{Path.GetRelativePath(clone.Root, file)}, {what}");
            File.WriteAllBytes(file, before);
        }
    }

    // A change of a declaration that is still one declares something else, which is no harm: its results say what they are of.
    private string? LossOf(TrialClone clone, ProgramRun run, string file, byte[] before, byte[] after) => place switch
    {
        "declarations" when run.Wait() && run.ExitCode == 0 => null,
        "snapshots" when run.Wait() && run.ExitCode == 0 => IsHarmless(file, before, after) ? null : "Verify passes",
        "results" => clone.FaultOf(run),
        "snapshots" => FaultOfVerify(run),
        _ => clone.FaultOfFailing(run),
    };

    // The damaged file itself lies among the results.
    private static string? FaultOfVerify(ProgramRun run) => run.ExitCode == 1 && run.Errors.StartsWith("Error: ", StringComparison.Ordinal)
        && !run.Errors.Contains("diagnostic", StringComparison.Ordinal) ? null : $"exit code {run.ExitCode}, no clear error: {run.Errors}";

    // Where and by what something was made tells machines apart and is not compared; nor is how a text is compressed.
    private static bool IsHarmless(string file, byte[] before, byte[] after) => file.EndsWith(".provenance.json", StringComparison.Ordinal)
        || (file.EndsWith(".gz", StringComparison.Ordinal) && Unpacked(before).SequenceEqual(Unpacked(after)));

    private static byte[] Unpacked(byte[] packed)
    {
        using var unpacked = new MemoryStream();
        try
        {
            using var stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
            stream.CopyTo(unpacked);
        }
        catch (InvalidDataException)
        {
            return [];
        }

        return unpacked.ToArray();
    }

    private static (byte[] Content, string What) Damaged(byte[] content, SeededRandom random)
    {
        var at = random.Next(content.Length);
        if (random.Next(3) == 0) return (content[..at], $"cut at {at}");
        var bit = random.Next(8);
        byte[] flipped = [.. content];
        flipped[at] ^= (byte)(1 << bit);
        return (flipped, $"bit {bit} of byte {at}");
    }
}
