// Byte-pair encoding learnt by its definition: small vocabularies in every family's form.
import { alphabet } from "./bytes.mjs";

/** Merges of the most frequent pairs of symbols within words, the first found among equals. */
function learn(words, count) {
  const merges = [];
  while (merges.length < count) {
    const pairs = new Map();
    for (const [symbols, times] of words) {
      for (let i = 1; i < symbols.length; i++) {
        const pair = `${symbols[i - 1]} ${symbols[i]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + times);
      }
    }
    let best = null;
    for (const [pair, times] of pairs) if (times > 1 && (best === null || times > pairs.get(best))) best = pair;
    if (best === null) break;
    merges.push(best);
    const [left, right] = best.split(" ");
    for (const entry of words) {
      const symbols = [];
      for (const symbol of entry[0]) {
        if (symbol === right && symbols.at(-1) === left) symbols[symbols.length - 1] = left + right;
        else symbols.push(symbol);
      }
      entry[0] = symbols;
    }
  }
  return merges;
}

const counted = (words) => {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const numbered = (tokens) => Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));

/** Byte-level: words, as a family's pre-tokenizer splits them, in the byte alphabet. */
export function trainBytes(words, count, first = []) {
  const spelled = [...counted(words)].map(([word, times]) => [[...Buffer.from(word)].map((byte) => alphabet[byte]), times]);
  const merges = learn(spelled, count);
  return { vocab: numbered([...first, ...alphabet, ...merges.map((merge) => merge.replace(" ", ""))]), merges };
}

/** SentencePiece's manner: characters, ▁ for spaces, bytes for what is rare. */
export function trainCharacters(texts, count, { bytes = true, characters = 300 } = {}) {
  const words = texts.flatMap((text) => `▁${text.replaceAll(" ", "▁")}`.match(/▁*[^▁]*/gu)).filter((word) => word);
  const letters = [...counted(words.flatMap((word) => [...word]))].sort((a, b) => b[1] - a[1]).slice(0, characters).map(([letter]) => letter);
  const known = new Set(letters);
  const spelled = [...counted(words)].map(([word, times]) => [[...word], times]).filter(([symbols]) => symbols.every((symbol) => known.has(symbol)));
  const merges = learn(spelled, count);
  const byteTokens = bytes ? alphabet.map((_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`) : [];
  return { vocab: numbered(["<unk>", "<s>", "</s>", ...byteTokens, ...merges.map((merge) => merge.replace(" ", "")), ...letters]), merges };
}
