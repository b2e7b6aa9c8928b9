/** A thing that a document says by itself: a row of a table, an item of a list, a paragraph. Without marks. */
export interface MarkdownUnit {
  readonly section: string;
  readonly text: string;
}

const plain = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const isHead = (lines: readonly string[], index: number): boolean => /^\| ?:?---/.test(lines[index + 1] ?? '');

/** Every unit of a document, in order, code left out. */
export function unitsOf(markdown: string): readonly MarkdownUnit[] {
  const lines = markdown.replace(/^```.*?^```$/gms, '').split('\n');
  const units: MarkdownUnit[] = [];
  let section = '';
  let open: string[] = [];
  const end = (): void => {
    if (open.length > 0) units.push({ section, text: plain(open.join(' ')) });
    open = [];
  };
  for (const [index, line] of lines.entries()) {
    const [, title] = /^#+ (.*)$/.exec(line) ?? [];
    const isRow = line.startsWith('|');
    if (title !== undefined || isRow || line.trim() === '' || line.startsWith('<!--')) end();
    if (title !== undefined) section = title;
    else if (isRow && !isHead(lines, index) && !/^\| ?:?---/.test(line)) {
      units.push({ section, text: plain(line.replaceAll('|', ' ')) });
    } else if (!isRow && line.trim() !== '' && !line.startsWith('<!--')) {
      if (/^(?:- |\d+\. )/.test(line)) end();
      open.push(line.replace(/^(?:- |\d+\. )/, ''));
    }
  }
  end();
  return units;
}
