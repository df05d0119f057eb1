// Texts that tokenizers find hard, the same from the same seed: many scripts, emoji, marks, white space, control characters, code.

/** Numbers in [0, 1) from a seed (Mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const scripts = {
  latin: [[0x61, 0x7a]], latinUpper: [[0x41, 0x5a]], latinMore: [[0xc0, 0x24f]], greek: [[0x391, 0x3c9]], cyrillic: [[0x410, 0x44f]],
  armenian: [[0x561, 0x586]], hebrew: [[0x5d0, 0x5ea], [0x5b0, 0x5bc]], arabic: [[0x620, 0x64a], [0x64b, 0x652]], devanagari: [[0x904, 0x94d]],
  bengali: [[0x985, 0x9cd]], tamil: [[0xb85, 0xbcd]], thai: [[0xe01, 0xe3a], [0xe40, 0xe4e]], tibetan: [[0xf40, 0xf6c], [0xf71, 0xf84]],
  georgian: [[0x10d0, 0x10f0]], ethiopic: [[0x1200, 0x1248]], khmer: [[0x1780, 0x17d2]], hiragana: [[0x3041, 0x3096]], katakana: [[0x30a1, 0x30fa]],
  han: [[0x4e00, 0x9fa5]], hangul: [[0xac00, 0xd7a3]], jamo: [[0x1100, 0x1112], [0x1161, 0x1175], [0x11a8, 0x11c2]], hanMore: [[0x20000, 0x20400]],
  gothic: [[0x10330, 0x1034a]], mathematical: [[0x1d400, 0x1d7cb]], adlam: [[0x1e900, 0x1e943]], compatibility: [[0xf900, 0xfa6d], [0xff01, 0xff5e], [0xfb00, 0xfb06]],
  numbers: [[0x660, 0x669], [0x966, 0x96f], [0xb2, 0xb3], [0x2150, 0x2189], [0x2460, 0x249b], [0x1d7ce, 0x1d7ff]],
  symbols: [[0x2190, 0x22ff], [0x2500, 0x25ff], [0x20a0, 0x20bf]], punctuation: [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e], [0x2010, 0x2027], [0x3001, 0x3011]],
};
const marks = [[0x300, 0x345], [0x591, 0x5af], [0x64b, 0x65f], [0x93c, 0x94d], [0xe31, 0xe3a], [0x1dc0, 0x1de6], [0x20d0, 0x20f0], [0x1d165, 0x1d172], [0x1e8d0, 0x1e8d6]];
const spaces = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u3000", "\u2003", "\u2028", "\u2029", "\u202f", "\u1680", "\v", "\f", "\u0085", "\ufeff", "\u200b", "\u180e"];
const emoji = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇯🇵", "1️⃣", "#️⃣", "❤️", "👨🏿‍🚀", "🧑🏻‍❤️‍💋‍🧑🏾", "☃", "☂️", "🫠", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🤷🏼‍♀️", "©", "™", "🀄"];
const specials = ["<s>", "</s>", "<unk>", "<pad>", "<|endoftext|>", "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "[INST]",
  "[/INST]", "<tool_call>", "</tool_call>", "<|extratoken_1|>", "<|extratoken_12|>", "<|extratoken_", "<0x0A>", "<0xE2>", "▁", "▁▁", "Ġ", "Ċ", "<mask>", "AddedWord", "ADDEDWORD", "<think>"];
const contractions = ["'s", "'S", "'t", "'T", "'re", "'RE", "'Re", "'ve", "'VE", "'m", "'M", "'ll", "'LL", "'lL", "'d", "'D", "’s", "’ll", "'ſ", "'x", "'", "''s", "'ß", "'Kelvin"];
const sentences = [
  "The quick brown fox jumps over the lazy dog.", "What's the capital of France? It's Paris, isn't it?", "We'll see whether they've arrived; I'd say they're late.",
  "Die Grüße aus Köln kamen übermäßig früh an – „schön“, sagte sie.", "Où est la bibliothèque ? Là-bas, à côté de l'école.", "El niño comió ñoquis en la montaña.",
  "Quem não tem cão caça com gato.", "Příliš žluťoučký kůň úpěl ďábelské ódy.", "Zażółć gęślą jaźń.", "Árvíztűrő tükörfúrógép.", "İstanbul'da ılık bir gün; ISPARTA, ıslak.",
  "Съешь же ещё этих мягких французских булок, да выпей чаю.", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.", "בראשית ברא אלהים את השמים ואת הארץ", "שָׁלוֹם עֲלֵיכֶם",
  "مرحبا بالعالم، كيف حالك اليوم؟", "اَلسَّلَامُ عَلَيْكُمْ", "یہ اردو کا جملہ ہے۔", "नमस्ते दुनिया, आप कैसे हैं?", "ক্ষুদ্র পাখি গান গায়", "தமிழ் ஒரு செம்மொழி", "สวัสดีชาวโลก วันนี้อากาศดี",
  "ភាសាខ្មែរ", "მსოფლიო გამარჯობა", "Բարեւ աշխարհ", "ሰላም ለዓለም", "你好，世界。今天天气怎么样？", "東京都は日本の首都です。カタカナとひらがな", "안녕하세요 세계! 오늘 날씨가 좋네요.", "한글은 자모로도 쓴다.",
  "Xin chào thế giới, tiếng Việt có dấu.", "naïve café résumé coöperate", "ﬁnance oﬀice ﬂow ½ ² Ⅷ ㎏ ﷺ", "3.14159 1,234,567.89 0x1F 1e-10 2024-02-29T23:59:60Z 192.168.0.1",
  "https://example.org/path?q=1&r=%20#frag user@example.com", "Hello (world)|[a], c!? ok。z ，x، y۔ w।", "a…b!!c??d::e;;f--g__h", "ALL CAPS Title Case camelCase snake_case kebab-case",
];
const code = [
  "def f(x):\n    if x > 0:\n        return x ** 2\n    return None\n", "for (int i = 0; i < n; ++i) {\n\ta[i] = b[i] << 2; // shift\n}\n", "SELECT * FROM t WHERE a='b' AND c <> 3;",
  "<div class=\"x\">\r\n  <p>&nbsp;text</p>\r\n</div>", "const f = async (x) => ({ ...x, y: `${x}` });", "#include <stdio.h>\nint main(void){printf(\"%d\\n\",1);}", "fn main() { println!(\"{:?}\", v?); }",
  "{\"key\": [1, 2.5e3, null, true], \"k2\": \"\\u00e9\"}", "\\begin{equation} \\frac{a}{b} = \\sum_{i=0}^{n} x_i \\end{equation}", "if [ -f \"$x\" ]; then echo $((1+2)) >> /dev/null; fi", "    \t  x = 1\n\n\n\n        y=2",
];

/** A number of distinct texts. */
export function makeTexts(seed, count) {
  const next = random(seed);
  const below = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[below(list.length)];
  const scalar = (ranges) => { const [first, last] = pick(ranges); return String.fromCodePoint(first + below(last - first + 1)); };
  const repeat = (most, make) => Array.from({ length: 1 + below(most) }, make).join("");
  const word = () => { const ranges = scripts[pick(Object.keys(scripts))]; return repeat(9, () => scalar(ranges)); };
  const latinWord = () => (below(4) ? "" : scalar(scripts.latinUpper)) + repeat(9, () => scalar(scripts.latin));
  const marked = () => scalar(scripts[pick(["latin", "latinMore", "greek", "hebrew", "arabic", "devanagari", "jamo", "hangul"])]) + repeat(4, () => scalar(marks));
  const any = () => { const value = below(8) ? below(0x3000) : below(0x110000); return value >= 0xd800 && value < 0xe000 ? "\ufffd" : String.fromCodePoint(value); };
  const pieces = [
    () => pick(sentences), () => pick(code), word, word, latinWord, latinWord, () => repeat(5, marked), () => pick(emoji), () => repeat(3, () => pick(emoji)),
    () => repeat(12, () => pick(spaces)), () => pick([" ", "\n", "\t", "  "]).repeat(1 + below(40)), () => pick(specials), () => latinWord() + pick(contractions),
    () => repeat(12, () => String(below(10))), () => repeat(6, () => scalar(scripts.numbers)), () => repeat(8, () => scalar(scripts.punctuation)),
    () => repeat(6, () => String.fromCodePoint(below(0x20))), () => repeat(10, any), () => pick([..."aA1=-. \n_é漢😀\u0301"]).repeat(1 + below(60)),
    () => pick(sentences).normalize(pick(["NFC", "NFD", "NFKC", "NFKD"])), () => pick(specials) + pick(specials), () => pick(sentences).toUpperCase(),
  ];
  const texts = new Set(["", " ", "\n", "a", ...sentences, ...code, ...emoji, ...specials, ...spaces]);
  while (texts.size < count) {
    const length = below(50) === 0 ? 40 : 6;
    texts.add(Array.from({ length: 1 + below(length) }, () => pick(pieces)() + (below(2) ? pick([" ", "", "\n", " "]) : "")).join(""));
  }
  return [...texts].slice(0, count);
}
