using Microsoft.ML.Tokenizers;

namespace Harness.Models.Tokenizers.Normalizers;

/// <summary>Rewrites a text before it is split, and says where what it writes comes from.</summary>
internal abstract class TextNormalizer : Normalizer
{
    public abstract TracedText Normalize(TracedText text);

    /// <summary>The same for a text that goes on another one: nothing is put in front.</summary>
    public virtual TextNormalizer ForContinuation() => this;

    public sealed override string Normalize(string original) => Normalize(new TracedText(original, null)).Text;

    public sealed override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
