namespace Harness.Models.Tokenizers.Decoders;

/// <summary>One step from tokens' spellings to text.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}
