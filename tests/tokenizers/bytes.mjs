// A Hugging Face tokenizer that only spells bytes, to see what a normalizer or pre-tokenizer does to a text.
import hub from "tokenizers";

/** The byte alphabet of GPT-2: the letter of each byte. */
export const alphabet = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const stands = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(stands ? byte : next++);
  });
})();

export const byteLevel = (options = {}) => ({ type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false, ...options });

/** A tokenizer.json of parts; everything else as the library writes it. */
export const tokenizerJson = ({ model, ...parts }) => ({
  version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null,
  ...parts,
  model: {
    type: "BPE", dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false,
    byte_fallback: false, ignore_merges: false, ...model,
  },
});

/** A function that gives a text's words, after a normalizer and pre-tokenizers. */
export function speller({ normalizer = null, pretokenizers = [] }) {
  const vocab = Object.fromEntries(alphabet.map((letter, byte) => [letter, byte]));
  const pre_tokenizer = { type: "Sequence", pretokenizers: [...pretokenizers, byteLevel()] };
  const tokenizer = hub.Tokenizer.fromString(JSON.stringify(tokenizerJson({ normalizer, pre_tokenizer, model: { vocab, merges: [] } })));
  return async (text) => {
    const encoding = await tokenizer.encode(text, null, { addSpecialTokens: false });
    const words = new Map();
    const numbers = encoding.getWordIds();
    encoding.getIds().forEach((byte, i) => words.set(numbers[i], [...(words.get(numbers[i]) ?? []), byte]));
    return [...words.values()].map((bytes) => Buffer.from(bytes).toString("utf8"));
  };
}
