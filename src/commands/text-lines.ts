/** Lines of at most `width` characters, broken between words; a word that is longer stands alone. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

/** The first line behind `head`, the others below its end. */
export const hanging = (head: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => (index === 0 ? head : ' '.repeat(head.length)) + line);
