namespace Harness.Editing.Hypernetworks;

/// <summary>
/// Trains a hypernetwork on the session's facts that are not edited: what the trainings of all editors that have one share.
/// </summary>
/// <param name="session">Model, seed and examples.</param>
/// <param name="settings">The network.</param>
/// <param name="appendEos">Whether the end-of-sequence token is the answers' last token.</param>
/// <param name="localityWeight">Weight of prompts to be kept; above 0 the examples must have some.</param>
internal abstract class HypernetworkTraining(EditSession session, HypernetworkSettings settings, bool appendEos, double localityWeight)
{
    /// <summary>Model, seed and examples.</summary>
    protected EditSession Session => session;

    /// <summary>What chance decides in the training.</summary>
    protected SeededRandom Random { get; } = new(session.Seed, $"{settings.Editor}/training");

    /// <summary>Trains and writes the network.</summary>
    public void Run(string file)
    {
        using var network = Train();
        network.Save(file);
    }

    /// <summary>Trains; the caller disposes the network.</summary>
    /// <param name="losses">Told the loss of every update.</param>
    /// <exception cref="InputException">The examples are not enough, or the loss is no number any more.</exception>
    public Hypernetwork Train(Action<double>? losses = null)
    {
        var examples = EncodedExample.All(session, settings.Editor, appendEos, localityWeight > 0);
        return Hypernetwork.New(session, settings, network => Train(network, examples, losses));
    }

    /// <summary>Trains a new network and leaves the model as it was.</summary>
    protected abstract void Train(Hypernetwork network, IReadOnlyList<EncodedExample> examples, Action<double>? losses);

    /// <summary>The loss has to be a number.</summary>
    /// <exception cref="InputException">It is none any more.</exception>
    protected void Check(double loss)
    {
        if (!double.IsFinite(loss))
        {
            throw new InputException(FormattableString.Invariant(
                $"Training of editor '{settings.Editor}': the loss became {loss}, expected a finite number; lower its learning rates."));
        }
    }
}
