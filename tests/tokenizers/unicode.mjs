// Writes src/Models/Tokenizers/Normalizers/unicode-normalization.txt: what Hugging Face's library knows of normalisation, asked
// character by character. node unicode.mjs <file>; some minutes.
import { writeFileSync } from "node:fs";
import { speller } from "./bytes.mjs";

const file = process.argv[2] ?? "../../src/Models/Tokenizers/Normalizers/unicode-normalization.txt";
const forms = Object.fromEntries(["NFC", "NFD", "NFKD"].map((type) => [type, speller({ normalizer: { type } })]));
const normalise = async (type, text) => (await forms[type](text)).join("");
const hex = (text) => [...text].map((character) => character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")).join(" ");
const isHangulSyllable = (scalar) => scalar >= 0xac00 && scalar < 0xac00 + 11172;

// Marks of the lowest and of the highest class: a mark changes places with one of the two.
const Lowest = "\u0334", Highest = "\u0345";
const swaps = async (first, second) => (await normalise("NFD", first + second)) === second + first;

const canonical = [], compatibility = [], compositions = [], marks = [];
for (let scalar = 1; scalar < 0x110000; scalar++) {
  if ((scalar >= 0xd800 && scalar < 0xe000) || isHangulSyllable(scalar)) continue;
  const text = String.fromCodePoint(scalar);
  const [decomposed, compatible] = [await normalise("NFD", text), await normalise("NFKD", text)];
  if (compatible !== decomposed) compatibility.push(`k ${hex(text)} ${hex(compatible)}`);
  if (decomposed === text) {
    if ((await swaps(text, Lowest)) || (await swaps(Highest, text))) marks.push(text);
    continue;
  }

  canonical.push(`d ${hex(text)} ${hex(decomposed)}`);
  if ((await normalise("NFC", text)) !== text) continue;
  const last = [...decomposed].at(-1);
  const first = await normalise("NFC", decomposed.slice(0, -last.length));
  if ([...first].length !== 1) throw new Error(`U+${hex(text)}: its decomposition ${hex(decomposed)} has no composed beginning`);
  compositions.push(`c ${hex(text)} ${hex(first + last)}`);
}

// Classes in their order: two marks of one class never change places.
const classes = [];
for (const mark of marks) {
  let [low, high] = [0, classes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await swaps(classes[middle][0], mark)) high = middle;
    else if (await swaps(mark, classes[middle][0])) low = middle + 1;
    else low = high = middle;
    if (low === high && low < classes.length && !(await swaps(classes[low][0], mark)) && !(await swaps(mark, classes[low][0]))) break;
  }
  const same = classes[low] && !(await swaps(classes[low][0], mark)) && !(await swaps(mark, classes[low][0]));
  if (same) classes[low].push(mark);
  else classes.splice(low, 0, [mark]);
}

const orders = classes.flatMap((members, i) => {
  const ranges = [];
  for (const scalar of members.map((mark) => mark.codePointAt(0))) {
    if (ranges.at(-1)?.[1] === scalar - 1) ranges.at(-1)[1] = scalar;
    else ranges.push([scalar, scalar]);
  }
  const rank = (i + 1).toString(16).toUpperCase();
  return ranges.map(([first, last]) => `o ${rank} ${hex(String.fromCodePoint(first))}${last > first ? ` ${hex(String.fromCodePoint(last))}` : ""}`);
});
writeFileSync(file, [...orders, ...canonical, ...compatibility, ...compositions].map((line) => `${line}\n`).join(""));
console.log(`${marks.length} marks in ${classes.length} classes, ${canonical.length} canonical, ${compatibility.length} compatible, ${compositions.length} compositions`);
