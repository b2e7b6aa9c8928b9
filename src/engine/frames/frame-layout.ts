/**
 * Frames are what the front process and an engine process say to each other, over one socket on one machine.
 * Numbers are in the machine's byte order. A frame, and every tensor in it, is a multiple of 8 bytes long, so
 * tensors can be read where they lie. An engine answers its frames in the order they came.
 *
 *   header       uint32 bytes of the whole frame, uint32 kind, uint32 session, uint32 detail
 *   text frame   detail = bytes of UTF-8 that follow
 *   tensor frame detail = tensors + 65536 × extra words; then the extra words; then for each tensor
 *                uint32 index, uint32 data type + 256 × rank, uint32 bytes of data, uint32 dimensions…;
 *                then, each from a multiple of 8 on, the tensors' data
 */
export const headerBytes = 16;
export const headerWords = headerBytes / 4;

/** Node reads and writes no more than this in one call. */
export const maxFrameBytes = 2 ** 31 - 8;

export const frameKind = {
  /** To the engine; text: a LoadOrder as JSON. Answered by `loaded` or `failed`. */
  load: 1,
  /** To the engine; tensors: indices are those of the model's inputs, extra words those of the outputs wanted. */
  run: 2,
  /** To the engine; text, empty. Not answered. */
  unload: 3,
  /** From the engine; text: a LoadedModel as JSON. */
  loaded: 4,
  /** From the engine; tensors: indices are those of the model's outputs, extra words the run's nanoseconds, low and high. */
  result: 5,
  /** From the engine; text: the engine's own message. */
  failed: 6,
} as const;

export type FrameKind = (typeof frameKind)[keyof typeof frameKind];

export const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** The frame's numbers, in place. */
export const wordsOf = (frame: Uint8Array): Uint32Array =>
  new Uint32Array(frame.buffer, frame.byteOffset, frame.byteLength >>> 2);

/** Whether a frame can have this length: anything else means that the stream is not one of frames. */
export const isFrameLength = (bytes: number): boolean =>
  bytes >= headerBytes && bytes <= maxFrameBytes && bytes % 8 === 0;
