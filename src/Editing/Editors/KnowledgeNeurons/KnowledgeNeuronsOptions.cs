using Harness.Editing.Locating;

namespace Harness.Editing.Editors.KnowledgeNeurons;

/// <summary>Which row of a token stands for it in the change of a value vector.</summary>
public enum TokenVector
{
    /// <summary>The head's, which the residual stream is compared with.</summary>
    Head,

    /// <summary>The input embedding's.</summary>
    Embedding,
}

/// <summary>
/// Options of Knowledge Neurons (Dai et al. 2022): find the neurons that express a fact, and write the new answer into their value vectors.
/// Defaults are the reference code's (Hunter-DDM/knowledge-neurons). It works on masked words of one token: here the first token of either
/// answer counts. Its last filter, which leaves out neurons of a tenth of a relation's facts, needs facts by relation and is left out.
/// </summary>
public sealed record KnowledgeNeuronsOptions : IEditorOptions
{
    /// <summary>Steps m of the integrated gradients, at least 1. Default 20.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>Least attribution of a neuron, as a share of the largest of its prompt, above 0 and at most 1. Default 0.2.</summary>
    public double Threshold { get; init; } = 0.2;

    /// <summary>Least share p of the prompts that a neuron is found in, above 0 and at most 1. Default 0.7.</summary>
    public double Share { get; init; } = 0.7;

    /// <summary>Least number of prompts that a neuron is found in, at least 1; all of them where there are fewer. Default 3.</summary>
    public int LeastPrompts { get; init; } = 3;

    /// <summary>
    /// Times that the share is moved by <see cref="ShareStep"/> while a fact has fewer neurons than <see cref="LeastNeurons"/> or more than
    /// <see cref="MostNeurons"/>, at least 0. Default 6. The reference moves it for a whole relation, by its facts' mean.
    /// </summary>
    public int Adjustments { get; init; } = 6;

    /// <summary>How far the share is moved, above 0 and below 1. Default 0.05.</summary>
    public double ShareStep { get; init; } = 0.05;

    /// <summary>Fewest neurons of a fact that are aimed at, at least 1. Default 2.</summary>
    public int LeastNeurons { get; init; } = 2;

    /// <summary>Most neurons of a fact that are aimed at, at least <see cref="LeastNeurons"/>. Default 5.</summary>
    public int MostNeurons { get; init; } = 5;

    /// <summary>λ1: length of the old answer's vector that is subtracted, in lengths of the value vector, at least 0. Default 1.</summary>
    public double OldFactor { get; init; } = 1;

    /// <summary>λ2: length of the new answer's vector that is added, in lengths of the value vector, at least 0. Default 8.</summary>
    public double NewFactor { get; init; } = 8;

    /// <summary>
    /// The answers' vectors. Default <c>head</c>. The reference's BERT ties both; where a model does not, the head's rows are those that
    /// the residual stream is compared with.
    /// </summary>
    public TokenVector Vector { get; init; } = TokenVector.Head;

    /// <summary>
    /// Contexts that stand for paraphrases. Default nine beginnings of length 5, with the plain prompt 10 (EasyEdit's number of prompts;
    /// the paper has 8.6 paraphrases of a fact).
    /// </summary>
    public ContextOptions Contexts { get; init; } = new() { Lengths = [5], PerLength = 9 };

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate() => new OptionChecks()
        .AtLeast("steps", Steps, 1)
        .Check(Threshold is > 0 and <= 1, "threshold", Threshold, "above 0 and at most 1")
        .Check(Share is > 0 and <= 1, "share", Share, "above 0 and at most 1")
        .AtLeast("least-prompts", LeastPrompts, 1)
        .AtLeast("adjustments", Adjustments, 0)
        .Check(ShareStep is > 0 and < 1, "share-step", ShareStep, "above 0 and below 1")
        .AtLeast("least-neurons", LeastNeurons, 1)
        .AtLeast("most-neurons", MostNeurons, LeastNeurons)
        .NotNegative("old-factor", OldFactor)
        .NotNegative("new-factor", NewFactor)
        .Nested("contexts", Contexts.Validate())
        .Violations;

    /// <inheritdoc/>
    public IEditorOptions? Sequential(int batchSize) => batchSize == 1 ? this : null;
}
