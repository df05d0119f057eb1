using Cake.Frosting;

namespace Harness.Build.Tasks;

/// <summary>Draws all figures of a scale anew.</summary>
[TaskName("Figures")]
[TaskDescription("draws the figures anew from results/<scale>/**/*.json; computes nothing")]
public sealed class FiguresTask : FrostingTask<HarnessContext>
{
    /// <inheritdoc/>
    public override void Run(HarnessContext context) => context.Study.DrawFigures();
}
