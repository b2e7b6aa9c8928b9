import type { ImagePlan } from '../core/image-plan.js';
import { ServingError } from '../core/serving-error.js';
import { headerBytes, headerWords, maxFrameBytes, padded, wordsOf } from '../processes/frames/frames.js';

/**
 * What the worker and a preparation process say to each other. The header's detail is the number of bytes of a JSON text
 * that follows; behind it, each from a multiple of 8 on, lie as many blobs as its `blobs` has lengths.
 */
export const frameKind = {
  /** To the process: a LoadOrder; the blob is a tokenizer.json, if there is one. Answered by `loaded` or `failed`. */
  load: 1,
  /** To the process: one of the `Operation`s. Answered by `result` or `failed`. */
  run: 2,
  loaded: 3,
  result: 4,
  /** A Failure. */
  failed: 5,
} as const;

export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

export interface LoadOrder {
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly image?: ImagePlan;
}

/** What can be asked; more kinds of preparation are more of these. */
export type Operation =
  | {
      readonly op: 'tokenize';
      readonly texts: readonly string[];
      readonly pairs?: readonly string[] | undefined;
      readonly maxTokens?: number | undefined;
      readonly stride?: number | undefined;
      readonly details: boolean;
    }
  | { readonly op: 'join'; readonly lists: readonly (readonly string[])[] }
  /** The blob is a picture. */
  | { readonly op: 'image' };

export interface Failure {
  readonly message: string;
}

export interface PreparationMessage {
  readonly json: unknown;
  readonly blobs: readonly Uint8Array[];
}

/** The frame's buffers, in order; they share memory with the blobs. */
export function writeMessage(
  kind: FrameKind,
  tenant: number,
  json: object,
  blobs: readonly Uint8Array[] = [],
): readonly Uint8Array[] {
  const text = JSON.stringify({ ...json, blobs: blobs.map(({ byteLength }) => byteLength) });
  const textBytes = Buffer.byteLength(text);
  const head = Buffer.alloc(padded(headerBytes + textBytes));
  head.write(text, headerBytes);
  const bytes = blobs.reduce((sum, { byteLength }) => sum + padded(byteLength), head.length);
  if (bytes > maxFrameBytes) throw new ServingError('PAYLOAD_TOO_LARGE', `${bytes} bytes are too many to prepare`);
  new Uint32Array(head.buffer, head.byteOffset, headerWords).set([bytes, kind, tenant, textBytes]);
  return [head, ...blobs.flatMap((blob) => [blob, new Uint8Array(padded(blob.byteLength) - blob.byteLength)])].filter(
    ({ byteLength }) => byteLength > 0,
  );
}

/** The blobs are views on the frame. */
export function readMessage(frame: Uint8Array): PreparationMessage {
  const textBytes = wordsOf(frame)[3] as number;
  const text = Buffer.from(frame.buffer, frame.byteOffset + headerBytes, textBytes).toString();
  const { blobs: lengths, ...json } = JSON.parse(text) as { blobs: readonly number[] };
  let at = padded(headerBytes + textBytes);
  const blobs = lengths.map((length) => {
    const blob = frame.subarray(at, at + length);
    at += padded(length);
    return blob;
  });
  return { json, blobs };
}
