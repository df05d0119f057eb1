// Writes what other implementations make of many texts: <out>/texts.jsonl, and for each tokenizer a folder with tokenizer.json and, for
// each implementation, <name>.jsonl: a line for each text, {"ids", "text"?} (what the ids decode to, where that is not the text) or null
// (left out; README.md says which and why).
// node generate.mjs <out> [--count=12000] [--seed=1] [--merges=600] [--sample: only the forms, only Hugging Face's library]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import hub from "tokenizers";
import { speller } from "./bytes.mjs";
import { makeForms } from "./forms.mjs";
import { makeTexts } from "./texts.mjs";

const [out, ...flags] = process.argv.slice(2);
const flag = (name, fallback) => Number(flags.find((given) => given.startsWith(`--${name}=`))?.split("=")[1] ?? fallback);
const sample = flags.includes("--sample");
const texts = makeTexts(flag("seed", 1), flag("count", 12000));
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "texts.jsonl"), texts.map((text) => `${JSON.stringify(text)}\n`).join(""));

/** Writes one implementation's answers; encode and decode may be asynchronous, encode gives null where a text is left out. */
async function write(folder, name, encode, decode) {
  const lines = [];
  for (const text of texts) {
    const ids = await encode(text);
    if (ids === null) { lines.push("null"); continue; }
    const line = { ids: [...ids] };
    const decoded = decode ? await decode(line.ids) : text;
    if (decoded === null) line.text = null;
    else if (decoded !== text) line.text = decoded;
    lines.push(JSON.stringify(line));
  }
  writeFileSync(join(folder, `${name}.jsonl`), lines.map((line) => `${line}\n`).join(""));
  console.log(`${folder}: ${name}, ${lines.filter((line) => line !== "null").length} of ${texts.length} texts`);
}

// Special tokens that the normalizer respells (LLaMA 1). The library finds them as respelled and, since 0.23, prints them in spite of
// skip_special_tokens; the JavaScript finds them otherwise.
const respelled = ({ normalizer, added_tokens }) =>
  new Set(normalizer === null ? [] : added_tokens.filter((token) => token.special && token.normalized).map((token) => token.id));

/** A tokenizer.json and what Hugging Face's two libraries make of it. */
async function writeCase(name, content, { config = {}, javascript = true } = {}) {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tokenizer.json"), content);
  const tokenizer = hub.Tokenizer.fromString(content);
  const plain = { addSpecialTokens: false };
  const whole = (await tokenizer.encode("a", null, {})).getIds();
  const bare = (await tokenizer.encode("a", null, plain)).getIds();
  const start = whole.findIndex((_, i) => bare.every((id, j) => whole[i + j] === id));
  writeFileSync(join(folder, "template.json"), JSON.stringify({ prefix: whole.slice(0, start), suffix: whole.slice(start + bare.length) }) + "\n");
  const json = JSON.parse(content);
  const unskipped = respelled(json);
  await write(folder, "huggingface", async (text) => (await tokenizer.encode(text, null, plain)).getIds(),
    (ids) => (ids.some((id) => unskipped.has(id)) ? null : tokenizer.decode(ids, true)));
  if (javascript) await writeJavaScript(folder, json, config);
  return folder;
}

// Hugging Face's JavaScript has JavaScript's white space, to which U+0085 does not belong and U+FEFF does, and normalises by Node's own
// Unicode tables, which are newer than the library's.
async function writeJavaScript(folder, json, config) {
  const { Tokenizer } = await import("@huggingface/tokenizers");
  const tokenizer = new Tokenizer(json, config);
  const compose = speller({ normalizer: { type: "NFC" } });
  const differs = async (text) => (JSON.stringify(json.pre_tokenizer)?.match(/ByteLevel/) && /[\u0085\ufeff]/u.test(text))
    || (respelled(json).size > 0 && /<s>|<\/s>|<unk>/.test(text))
    || (json.normalizer?.type === "NFC" && text.normalize("NFC") !== (await compose(text)).join(""));
  await write(folder, "huggingface-js", async (text) => ((await differs(text)) ? null : tokenizer.encode(text, { add_special_tokens: false }).ids));
}

// Forms that no family ships, and in which the JavaScript takes liberties (splitting at ▁, behaviours of Split, digits).
const onlyLibrary = ["metaspace-split", "unknown", "odd", "decomposed"];
for (const [name, json] of Object.entries(await makeForms(texts.slice(0, 2000), flag("merges", 600)))) {
  await writeCase(`form-${name}`, JSON.stringify(json), { javascript: !sample && !onlyLibrary.includes(name) });
}

// What BpeTokenizer.Train made of the sample's texts.
await writeCase("harness", readFileSync(new URL("sample/harness/tokenizer.json", import.meta.url), "utf8"), { javascript: !sample });

if (!sample) {
  const { writeReal } = await import("./real.mjs");
  await writeReal({ writeCase, write });
}
