namespace Harness.Editing.Locating;

/// <summary>
/// What a value search does about a request whose target tokens are the likeliest in every context already (PMET's code).
/// </summary>
/// <param name="LossFactor">Its targets' loss counts that much in the next step.</param>
/// <param name="StopKl">Its search ends where its KL term, its factor included, is at most this, in nats.</param>
internal sealed record KnownAnswer(double LossFactor, double StopKl);
