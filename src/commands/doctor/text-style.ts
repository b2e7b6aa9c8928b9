import type { WriteStream } from 'node:tty';

export type Accent = 'error' | 'warning' | 'note' | 'title' | 'faint';

/** How text goes to whoever reads it. */
export interface TextStyle {
  /** Characters of a line; undefined where lines may have any length. */
  readonly width: number | undefined;
  readonly accent: (accent: Accent, text: string) => string;
}

/** Select Graphic Rendition codes: on, off. */
const codes: Readonly<Record<Accent, readonly [number, number]>> = {
  error: [31, 39],
  warning: [33, 39],
  note: [36, 39],
  title: [1, 22],
  faint: [2, 22],
};

/** Colours and line breaks on a terminal; plain lines elsewhere, and no colours where NO_COLOR asks for none. */
export function textStyleOf(
  stream: Pick<WriteStream, 'isTTY' | 'columns'>,
  env: Readonly<Record<string, string | undefined>>,
): TextStyle {
  if (stream.isTTY !== true) return { width: undefined, accent: (_, text) => text };
  const isPlain = Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  const paint = (accent: Accent, text: string): string =>
    `\u001b[${codes[accent][0]}m${text}\u001b[${codes[accent][1]}m`;
  return { width: Math.max(40, Math.min(stream.columns, 120)), accent: isPlain ? (_, text) => text : paint };
}
