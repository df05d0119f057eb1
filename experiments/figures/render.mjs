// Draws one figure: reads { spec, title, subtitle, plotWidth, columns, values, rows, x, svg, png } as JSON from standard input, writes both files.
// The bytes depend on the input, this folder and its locked packages only: fonts come from a package, never from the machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { widthsOf } from './font.mjs';

const pixelsPerUnit = 1.1; // the PNG's; a full-width figure is then about 1400 pixels wide
const widestGroup = 110; // units; few groups make a narrow figure rather than fat bars
const narrowest = 150; // units; many facets make a wide figure rather than unreadable ones
const fontFile = name => fileURLToPath(new URL(`./node_modules/dejavu-fonts-ttf/ttf/${name}.ttf`, import.meta.url));
const regular = fontFile('DejaVuSans');
const bold = fontFile('DejaVuSans-Bold');

const widths = { regular: widthsOf(regular), bold: widthsOf(bold) };
const isBold = weight => weight === 'bold' || Number(weight) >= 600;
vega.textMetrics.width = (item, text) => {
  const line = `${text ?? item.text ?? ''}`.trim();
  return (item.fontSize ?? 11) * (isBold(item.fontWeight) ? widths.bold : widths.regular)(line);
};

const groupsOf = ({ spec, values }) => [...new Set(values.map(value => value[spec.spec.encoding.x.field]))];

/** A facet's width: the plot's share for each column of facets, less the gaps between them. */
function facetWidth(figure) {
  const gap = figure.spec.config?.facet?.spacing ?? 20;
  const share = (figure.plotWidth - gap * (figure.columns - 1)) / figure.columns;
  const { widest, widestGroup: group = widestGroup } = figure.spec.usermeta ?? {};
  if (figure.x) return Math.floor(Math.max(narrowest, Math.min(share, widest ?? group * groupsOf(figure).length)));
  return Math.floor(Math.min(share, group * groupsOf(figure).length));
}

/** The least and the greatest of some numbers, apart where they are the same. */
function extent(numbers, ...further) {
  const all = [...numbers, ...further].filter(number => typeof number === 'number');
  const [least, most] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1];
  return least < most ? [least, most] : [least - Math.abs(least) / 2, most + Math.abs(most || 1) / 2];
}

/** The horizontal axis as the numbers ask for it: spaced by difference, by ratio, or one value after another. */
function axisOf({ x, spec }) {
  const encoding = spec.spec.encoding.x;
  if (x.kind === 'ordinal') return { ...encoding, type: 'ordinal', sort: x.values, title: x.title };
  const scale = { type: x.kind, domain: extent(x.values), nice: false, padding: 14, ...(x.kind === 'linear' ? { zero: false } : {}) };
  return { ...encoding, type: 'quantitative', title: x.title, scale, axis: { ...encoding.axis, values: x.values, labelExpr: "'' + datum.value", labelOverlap: 'greedy' } };
}

/** Every series keeps its colour and shape in all rows, whether or not a row has it. */
function fixSeries(encodings, series) {
  for (const encoding of encodings.flatMap(Object.values)) {
    if (encoding?.field === 'series') encoding.scale = { domain: series };
  }
}

/** Rows of facets below one another, each with a heading and a vertical scale of its own; the columns' headings stand on the first. */
function stacked({ rows, values }, spec) {
  const { facet, spec: panel, ...rest } = spec;
  const isValue = panel.encoding.y.type === 'quantitative';
  const row = ({ label, domain, log }, place) => {
    const y = { ...panel.encoding.y };
    const shown = values.filter(value => value.row === place).flatMap(({ mean, low, high, published }) => [mean, low, high, published]);
    const bars = panel.encoding.y.scale?.domain !== undefined;
    const ratios = log && !bars && shown.every(number => typeof number !== 'number' || number > 0);
    if (isValue) y.scale = ratios ? { type: 'log', domain: extent(shown), nice: true } : domain ? { domain } : { domain: extent(shown, ...(bars ? [0] : [])), nice: true, zero: false };
    const heading = { text: label, anchor: 'start', fontSize: 13, color: '#1a1a1a', offset: place === 0 ? 12 : 8, frame: 'group' };
    const column = place === 0 ? facet.column : { ...facet.column, header: { ...facet.column.header, labels: false } };
    return {
      title: heading,
      transform: [{ filter: `datum.row === ${place}` }],
      facet: { column },
      spec: { ...panel, encoding: { ...panel.encoding, y } },
    };
  };
  return { ...rest, vconcat: rows.map(row), spacing: 26 };
}

/** Group names stand upright where each fits its share of the axis, and lean where one does not. */
function labelAngle(figure, width) {
  const names = groupsOf(figure);
  const widest = Math.max(...names.map(name => widths.regular(name) * (figure.spec.config?.axis?.labelFontSize ?? 10)));
  return widest + 6 <= width / names.length ? {} : { labelAngle: -40, labelAlign: 'right', labelBaseline: 'middle' };
}

const warnings = [];
const logger = { level: () => logger, info: () => logger, debug: () => logger, warn: collect, error: collect };
function collect(...text) {
  warnings.push(text.join(' '));
  return logger;
}

async function draw(figure) {
  const spec = structuredClone(figure.spec);
  spec.data = { values: figure.values };
  spec.title = { ...spec.title, text: figure.title, subtitle: figure.subtitle };
  spec.spec.width = facetWidth(figure);
  fixSeries([spec.spec.encoding, ...spec.spec.layer.map(layer => layer.encoding ?? {})], [...new Set(figure.values.map(value => value.series))]);
  if (figure.rows?.length > 0) spec.spec.encoding.x.sort = groupsOf(figure);
  if (figure.x) spec.spec.encoding.x = axisOf(figure);
  else spec.spec.encoding.x.axis = { ...spec.spec.encoding.x.axis, ...labelAngle(figure, spec.spec.width) };
  const whole = figure.rows?.length > 0 ? stacked(figure, spec) : spec;
  const view = new vega.View(vega.parse(compile(whole, { logger }).spec), { renderer: 'none', logger });
  const svg = await view.toSVG();
  if (warnings.length > 0) throw new Error([...new Set(warnings)].join('; '));

  const png = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: pixelsPerUnit },
    font: { loadSystemFonts: false, fontFiles: [regular, bold], defaultFontFamily: 'DejaVu Sans' },
  }).render().asPng();
  writeFileSync(figure.svg, svg + '\n');
  writeFileSync(figure.png, png);
}

try {
  await draw(JSON.parse(readFileSync(0, 'utf8')));
} catch (error) {
  process.stderr.write(`Error: ${error.message}\n`);
  process.exitCode = 1;
}
