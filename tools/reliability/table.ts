export type Cell = string | number;

/** A table in Markdown. The first column is text, the others are numbers. */
export function table(head: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const ruler = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, ruler, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
