// tokenizer.json files in the form in which each family ships its own, of small vocabularies trained here.
import { byteLevel, speller, tokenizerJson } from "./bytes.mjs";
import { trainBytes, trainCharacters } from "./train.mjs";

export const added = (id, content, options = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...options });

const template = (token, id) => ({
  type: "TemplateProcessing",
  single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
  pair: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: token, type_id: 1 } }, { Sequence: { id: "B", type_id: 1 } }],
  special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
});

export const split = (Regex, options = {}) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false, ...options });

export const words = {
  llama3: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  qwen: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k: "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  bloom: " ?[^(\\s|[.,!?…。，、।۔،])]+",
};

export const metaspace = (options) => ({ type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false, ...options });

/** As LLaMA 1 and 2 and Mistral ship theirs, but for what is given. */
export const sentencePiece = (parts) => tokenizerJson({
  added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")],
  normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] },
  post_processor: template("<s>", 1),
  decoder: { type: "Sequence", decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }, { type: "Strip", content: " ", start: 1, stop: 0 }] },
  ...parts,
});

const asPairs = (merges) => merges.map((merge) => merge.split(" "));

/** All forms, by name. */
export async function makeForms(texts, merges) {
  const wordsOf = async (parts) => { const spell = speller(parts); const all = []; for (const text of texts) all.push(...(await spell(text))); return all; };
  const gpt2 = trainBytes(await wordsOf({ pretokenizers: [byteLevel({ use_regex: true })] }), merges);
  const llama3 = trainBytes(await wordsOf({ pretokenizers: [split(words.llama3)] }), merges);
  const qwen = trainBytes(await wordsOf({ normalizer: { type: "NFC" }, pretokenizers: [split(words.qwen)] }), merges);
  const bloom = trainBytes(await wordsOf({ pretokenizers: [split(words.bloom)] }), merges, ["<unk>", "<s>", "</s>", "<pad>"]);
  const characters = trainCharacters(texts, merges);
  const plain = trainCharacters(texts, merges, { bytes: false, characters: 120 });
  const model = { unk_token: "<unk>", fuse_unk: true, byte_fallback: true, ...characters };
  const size = ({ vocab }) => Object.keys(vocab).length;
  return {
    gpt2: tokenizerJson({
      added_tokens: [added(size(gpt2), "<|endoftext|>")], pre_tokenizer: byteLevel({ use_regex: true, trim_offsets: true }),
      post_processor: byteLevel({ add_prefix_space: true }), decoder: byteLevel({ add_prefix_space: true }),
      model: { continuing_subword_prefix: "", end_of_word_suffix: "", ...gpt2 },
    }),
    gptj: tokenizerJson({
      added_tokens: [added(size(gpt2), "<|endoftext|>"), ...Array.from({ length: 20 }, (_, i) => added(size(gpt2) + 1 + i, `<|extratoken_${i + 1}|>`, { special: false, normalized: true }))],
      pre_tokenizer: byteLevel({ use_regex: true }), post_processor: byteLevel(), decoder: byteLevel(), model: gpt2,
    }),
    llama1: sentencePiece({ model, added_tokens: [0, 1, 2].map((id) => added(id, ["<unk>", "<s>", "</s>"][id], { normalized: true })) }),
    llama2: sentencePiece({ model }),
    llama3: tokenizerJson({
      added_tokens: ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"].map((content, i) => added(size(llama3) + i, content)),
      pre_tokenizer: { type: "Sequence", pretokenizers: [split(words.llama3), byteLevel({ trim_offsets: true })] },
      post_processor: { type: "Sequence", processors: [byteLevel({ add_prefix_space: true }), template("<|begin_of_text|>", size(llama3))] },
      decoder: byteLevel(), model: { ignore_merges: true, vocab: llama3.vocab, merges: asPairs(llama3.merges) },
    }),
    qwen: tokenizerJson({
      added_tokens: [...["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map((content, i) => added(size(qwen) + i, content)),
        ...["<tool_call>", "</tool_call>", "<think>"].map((content, i) => added(size(qwen) + 3 + i, content, { special: false }))],
      normalizer: { type: "NFC" }, pre_tokenizer: { type: "Sequence", pretokenizers: [split(words.qwen), byteLevel()] },
      post_processor: byteLevel(), decoder: byteLevel(), model: { vocab: qwen.vocab, merges: asPairs(qwen.merges) },
    }),
    bloom: tokenizerJson({
      added_tokens: ["<unk>", "<s>", "</s>", "<pad>"].map((content, id) => added(id, content)),
      pre_tokenizer: { type: "Sequence", pretokenizers: [split(words.bloom), byteLevel({ trim_offsets: true })] },
      post_processor: byteLevel({ add_prefix_space: true }), decoder: byteLevel({ add_prefix_space: true }), model: bloom,
    }),
    ...Object.fromEntries(["first", "always", "never"].map((prepend_scheme) => [`metaspace-${prepend_scheme}`, sentencePiece({
      added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>"), added(size(characters), "[INST]"), added(size(characters) + 1, "[/INST]")],
      model, normalizer: null, pre_tokenizer: metaspace({ prepend_scheme }),
      ...(prepend_scheme === "never" ? {} : { decoder: metaspace({ prepend_scheme }) }),
    })])),
    "metaspace-split": sentencePiece({ model, normalizer: null, pre_tokenizer: metaspace({ split: true }), decoder: metaspace({ split: true }) }),
    unknown: sentencePiece({ normalizer: null, pre_tokenizer: metaspace({ prepend_scheme: "always", split: true }), decoder: metaspace({}), model: { unk_token: "<unk>", fuse_unk: false, ...plain } }),
    "unknown-fused": sentencePiece({ decoder: metaspace({}), model: { unk_token: "<unk>", fuse_unk: true, ...plain } }),
    odd: tokenizerJson({
      added_tokens: [
        added(size(gpt2), "<|endoftext|>"), added(size(gpt2) + 1, "<mask>", { lstrip: true }), added(size(gpt2) + 2, "</s>", { rstrip: true }),
        added(size(gpt2) + 3, "AddedWord", { single_word: true, normalized: true, special: false }), added(size(gpt2) + 4, "<unk>", { lstrip: true, rstrip: true, special: false }),
        added(size(gpt2) + 5, "ab", { single_word: true, special: false }), added(size(gpt2) + 6, "<|extratoken_1", { special: false }), added(size(gpt2) + 7, "<|extratoken_12|>", { special: false }),
      ],
      normalizer: { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Lowercase" }, { type: "Strip", strip_left: false, strip_right: true }, { type: "Replace", pattern: { Regex: " {2,}" }, content: " ~ " }] },
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, split("[\\p{P}\\-]+|\\p{Sc}", { behavior: "MergedWithPrevious" }), byteLevel({ add_prefix_space: true, use_regex: true })] },
      decoder: byteLevel(), model: gpt2,
    }),
    decomposed: tokenizerJson({
      added_tokens: [added(size(gpt2), "<|endoftext|>")], normalizer: { type: "NFD" },
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: false }, split("\\s+", { behavior: "Removed" }), split("[^\\p{M}]\\p{M}*", { behavior: "Contiguous", invert: true }), byteLevel()] },
      model: gpt2,
    }),
  };
}
