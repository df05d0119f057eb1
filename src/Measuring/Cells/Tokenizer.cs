using Harness.Measuring.Data;
using Harness.Models.Tokenizers;

namespace Harness.Measuring.Cells;

/// <summary>Options of a Tokenizer cell.</summary>
public sealed record TokenizerOptions : ICellOptions<TokenizerCell>
{
    /// <summary>Largest number of ids, special tokens included.</summary>
    public required int VocabularySize { get; init; }
}

/// <summary>What a Tokenizer cell is made from.</summary>
public sealed record TokenizerInputs<T>(T Dataset) : ICellInputs<TokenizerCell, T>
    where T : class;

/// <summary>A tokenizer, trained on a data set's knowledge, new answers and texts: tokenizer.json.</summary>
public sealed class TokenizerCell : Cell<TokenizerOptions, TokenizerInputs<string>>
{
    internal const string FileName = "tokenizer.json";

    /// <inheritdoc/>
    public override CellKind Kind => CellKind.Tokenizer;

    /// <inheritdoc/>
    public override bool UsesLibtorch => false;

    /// <inheritdoc/>
    protected override void Run(TokenizerOptions options, TokenizerInputs<string> inputs, CellRun run)
    {
        // The new answers are part of the corpus: a real model's vocabulary covers them too, and their pieces must not be bytes.
        var data = FactDataFolder.Read(inputs.Dataset);
        var corpus = data.Knowledge.Select(question => $"{question.Prompt} {question.Answer}")
            .Concat(data.Cases.Select(edit => $"{edit.Prompt} {edit.TargetNew}"))
            .Concat(data.Texts);
        BpeTokenizer.Train(corpus, options.VocabularySize).Save(run.Output(FileName));
    }
}
