import { type FrameKind, headerBytes, headerWords, padded, wordsOf } from './frame-layout.js';

/** A frame that carries nothing but text. */
export function textFrame(kind: FrameKind, session: number, text: string): Uint8Array {
  const textBytes = Buffer.byteLength(text);
  const frame = Buffer.alloc(padded(headerBytes + textBytes));
  frame.write(text, headerBytes);
  new Uint32Array(frame.buffer, frame.byteOffset, headerWords).set([frame.length, kind, session, textBytes]);
  return frame;
}

export function readText(frame: Uint8Array): string {
  const textBytes = wordsOf(frame)[3] ?? 0;
  return Buffer.from(frame.buffer, frame.byteOffset + headerBytes, textBytes).toString();
}
