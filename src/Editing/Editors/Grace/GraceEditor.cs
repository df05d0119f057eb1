using Harness.Models;

namespace Harness.Editing.Editors.Grace;

/// <summary>
/// GRACE: a codebook at one layer. Each edit finds or makes a ball around its key, and trains the value that is swapped in there.
/// </summary>
internal sealed class GraceEditor(GraceOptions options) : IEditor
{
    /// <inheritdoc/>
    public Edit Edit(EditSession session, IReadOnlyList<EditRequest> requests)
    {
        Layers.Check(session, "grace", [options.Layer], mayHaveExperts: options.Site == GraceSite.Layer);
        if (options.Replacement == GraceReplacement.Prompt && options.Layer == session.Model.Config.Layers - 1)
        {
            throw new InputException(
                $"Editor 'grace': found replacement prompt at layer {options.Layer}, the last one, where it changes no answer; " +
                    "take a lower layer, or last or all.");
        }

        var random = new SeededRandom(session.Seed, "grace/start");
        var (codebook, loss, done) = (new Codebook(), 0.0, 0);
        foreach (var batch in requests.Chunk(options.BatchSize))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            loss += Batch(session, batch, codebook, random);
            done += batch.Length;
            if (session.AfterBatch is { } after)
            {
                using var module = GraceModule.Of(codebook, options);
                after(batch, module);
            }

            session.Progress?.Report(FormattableString.Invariant($"edit {done}/{requests.Count} loss {loss / done:0.000}"));
            session.Cancellation.ThrowIfCancellationRequested();
        }

        return new Edit([], Figures(codebook, loss / requests.Count), GraceModule.Of(codebook, options));
    }

    private double Batch(EditSession session, EditRequest[] batch, Codebook codebook, SeededRandom random)
    {
        var samples = batch.Select(request => session.Encode(request.Prompt, request.TargetNew, options.AppendEos)).ToList();
        var read = GraceActivations.Read(
            session.Model, samples.ConvertAll(sample => sample.Ids[..sample.TargetStart]), options.Site, options.Layer);

        // What each entry has to answer: a key that gets another target forgets the earlier one.
        var wanted = new SortedDictionary<int, List<Sequence>>();
        foreach (var (sample, (key, output)) in samples.Zip(read))
        {
            var start = options.Start == GraceStart.Output ? output : Array.ConvertAll(output, _ => (float)random.NextDouble());
            var (entry, grown) = codebook.Add(key, start, sample.Ids[sample.TargetStart..], options);
            if (grown && wanted.TryGetValue(entry, out var others))
                others.Add(sample);
            else
                wanted[entry] = [sample];
        }

        var trained = wanted.SelectMany((pair, owner) => pair.Value.Select(sample => (sample, owner))).ToList();
        var (values, losses) = new ValueTraining(session, options)
            .Run(trained, [.. wanted.Keys.Select(entry => codebook.Entries[entry].Value)]);
        foreach (var (entry, value) in wanted.Keys.Zip(values))
            codebook.SetValue(entry, value);
        return losses.Average() * batch.Length;
    }

    private static Dictionary<string, double> Figures(Codebook codebook, double loss) => new()
    {
        ["loss"] = loss,
        ["entries"] = codebook.Entries.Count,
        ["mean-radius"] = codebook.Entries.Average(entry => entry.Radius),
    };
}
