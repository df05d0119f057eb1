// Text widths from a TrueType file's own tables, so that layout does not depend on what fonts a machine has.
import { readFileSync } from 'node:fs';

/** Reads advance widths; returns (text) → width in units of the font size. Characters outside the font count as its first glyph. */
export function widthsOf(file) {
  const bytes = readFileSync(file);
  const tables = new Map();
  for (let i = 0, at = 12; i < bytes.readUInt16BE(4); i++, at += 16) {
    tables.set(bytes.toString('latin1', at, at + 4), bytes.readUInt32BE(at + 8));
  }

  const unitsPerEm = bytes.readUInt16BE(tables.get('head') + 18);
  const longMetrics = bytes.readUInt16BE(tables.get('hhea') + 34);
  const metrics = tables.get('hmtx');
  const glyphOf = characterMap(bytes, tables.get('cmap'));
  const advance = character => bytes.readUInt16BE(metrics + 4 * Math.min(glyphOf(character.codePointAt(0)), longMetrics - 1));
  return text => [...text].reduce((sum, character) => sum + advance(character), 0) / unitsPerEm;
}

/** The basic multilingual plane's map (cmap format 4). */
function characterMap(bytes, cmap) {
  let table = -1;
  for (let i = 0; i < bytes.readUInt16BE(cmap + 2); i++) {
    const at = cmap + bytes.readUInt32BE(cmap + 8 + 8 * i);
    if (bytes.readUInt16BE(at) === 4) table = at;
  }

  if (table < 0) throw new Error('the font has no cmap of format 4');
  const segments = bytes.readUInt16BE(table + 6) / 2;
  const [ends, starts, deltas, offsets] = [14, 16 + 2 * segments, 16 + 4 * segments, 16 + 6 * segments].map(at => table + at);
  return code => {
    for (let i = 0; i < segments; i++) {
      if (code > bytes.readUInt16BE(ends + 2 * i)) continue;
      const start = bytes.readUInt16BE(starts + 2 * i);
      if (code < start) return 0;
      const delta = bytes.readUInt16BE(deltas + 2 * i);
      const offset = bytes.readUInt16BE(offsets + 2 * i);
      if (offset === 0) return (code + delta) & 0xffff;
      const glyph = bytes.readUInt16BE(offsets + 2 * i + offset + 2 * (code - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }

    return 0;
  };
}
