namespace Harness.Editing;

/// <summary>
/// What an editor has to learn once for a model, before it edits: a hypernetwork, a classifier. It is a cell of its own, shared by all
/// edits of the model.
/// </summary>
/// <param name="OptionsType">Type of the training's options record.</param>
/// <param name="OptionsOf">The training's options out of the editor's.</param>
/// <param name="Run">Trains on the session's <see cref="EditSession.Examples"/> under the training's options and writes one file.</param>
public sealed record EditorTraining(Type OptionsType, Func<object, object> OptionsOf, Action<object, EditSession, string> Run)
{
    /// <summary>The functions that it was given.</summary>
    public IReadOnlyList<Delegate> Functions { get; init; } = [];

    /// <summary>One with typed functions.</summary>
    internal static EditorTraining Of<TOptions, TTraining>(Func<TOptions, TTraining> optionsOf, Action<TTraining, EditSession, string> run)
        where TTraining : class => new(
            typeof(TTraining), options => optionsOf((TOptions)options), (options, session, file) => run((TTraining)options, session, file))
        {
            Functions = [optionsOf, run],
        };
}
