/** Strings as plain memory: their text joined, in UTF-8, and how long each is in UTF-16 units. */
export interface StringPiece {
  readonly text: Uint8Array;
  readonly lengths: Uint32Array;
}

/** Strings to a piece: what is done in a millisecond or so. */
export const pieceStrings = 4096;

/** `texts` hold no halves of surrogate pairs. The piece's memory is its own. */
export function pieceOf(texts: readonly string[]): StringPiece {
  const lengths = Uint32Array.from(texts, (text) => text.length);
  return { text: new TextEncoder().encode(texts.join('')), lengths };
}

/** Puts the strings of a piece behind those in `texts`. */
export function addStrings(texts: string[], { text, lengths }: StringPiece): void {
  const joined = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString();
  let at = 0;
  for (const length of lengths) {
    texts.push(joined.slice(at, at + length));
    at += length;
  }
}
