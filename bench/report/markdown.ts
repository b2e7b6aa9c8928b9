/** Rows of text under heads; all columns but the first few are set flush right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  leftColumns = 1,
): string {
  const rule = head.map((_, index) => (index < leftColumns ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three digits that mean something, thousands set off. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '–');

export const times = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(2)} ×` : '–');

export const megabytes = (bytes: number): string => (bytes > 0 ? figure(bytes / 2 ** 20) : '–');
