export interface ChartBar {
  readonly series: string;
  readonly value: number;
  /** Written behind the bar. */
  readonly text: string;
}

export interface ChartGroup {
  readonly label: string;
  readonly bars: readonly ChartBar[];
}

export interface BarChart {
  readonly title: string;
  readonly groups: readonly ChartGroup[];
  /** Drawn as a line across all groups. */
  readonly mark?: { readonly value: number; readonly text: string };
}

const width = 760;
const labelWidth = 170;
const valueWidth = 130;
const barHeight = 16;
const groupGap = 14;
const top = 64;
/** Told apart by those who see no red or green, too. */
const colours = ['#2456a6', '#e08214', '#8a8f98', '#5aa9a3'];
const style =
  'text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:14px;font-weight:600}.quiet{fill:#57606a}';

/** Horizontal bars in groups, with their values written behind them, as an SVG file. */
export function barChart({ title, groups, mark }: BarChart): string {
  const series = [...new Set(groups.flatMap(({ bars }) => bars.map((bar) => bar.series)))];
  const largest = Math.max(mark?.value ?? 0, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (value: number): number => (value / largest) * (width - labelWidth - valueWidth);
  const parts: string[] = [];
  let y = top;
  for (const { label, bars } of groups) {
    const middle = y + (bars.length * barHeight) / 2 + 4;
    parts.push(`<text x="${labelWidth - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>`);
    for (const { series: name, value, text } of bars) {
      const colour = colours[series.indexOf(name) % colours.length];
      const length = round(scale(value));
      parts.push(`<rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight - 2}" fill="${colour}"/>`);
      parts.push(`<text class="quiet" x="${labelWidth + length + 6}" y="${y + 11}">${escaped(text)}</text>`);
      y += barHeight;
    }
    y += groupGap;
  }
  if (mark !== undefined) parts.push(...markLine(round(labelWidth + scale(mark.value)), y - groupGap, mark.text));
  const height = y + 4;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${style}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text class="title" x="12" y="24">${escaped(title)}</text>
${legend(series)}
${parts.join('\n')}
</svg>
`;
}

function legend(series: readonly string[]): string {
  let x = 12;
  const parts = series.map((name, index) => {
    const part = `<rect x="${x}" y="36" width="10" height="10" fill="${colours[index % colours.length]}"/><text x="${x + 15}" y="45">${escaped(name)}</text>`;
    x += 40 + 7 * name.length;
    return part;
  });
  return series.length > 1 ? parts.join('\n') : '';
}

const markLine = (x: number, bottom: number, text: string): string[] => [
  `<line x1="${x}" y1="${top - 6}" x2="${x}" y2="${bottom}" stroke="#24292f" stroke-dasharray="3 3"/>`,
  `<text class="quiet" x="${x + 4}" y="${top - 8}">${escaped(text)}</text>`,
];

const round = (value: number): number => Math.round(10 * value) / 10;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
