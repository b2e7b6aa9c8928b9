import type { Transform } from 'node:stream';
import type { FastifyRequest, RequestPayload } from 'fastify';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { alignmentBytes } from '../../inference/inference-codec.js';
import { decodeContent } from './content-decoding.js';

/** The least that is taken for a body. */
const leastBytes = 65_536;
/**
 * An announced length is believed for so many times what has come: the first chunks of most bodies bring room for the
 * whole, and what was claimed but not sent costs the sender that share of it.
 */
const announcedGrowth = 32;
/** Memory for a body of unknown length grows so many times over. */
const unknownGrowth = 4;
type Done = (error: Error | null, body?: Buffer) => void;
type BodyReader = (request: FastifyRequest, payload: RequestPayload, done: Done) => void;

/** Where in a body tensors' raw bytes begin, by its head; undefined where there are none. */
export type RawBytesAt = (headers: FastifyRequest['headers']) => number | undefined;

const tooLarge = (limitBytes: number): ServingError =>
  new ServingError(
    'PAYLOAD_TOO_LARGE',
    `the body is larger than ${limitBytes} bytes (${Number((limitBytes / 2 ** 20).toFixed(2))} MiB), the limit of this server; send fewer rows at a time or raise its bodyLimitBytes`,
  );

const notAsLong = (): ServingError => invalidArgument('the body is not as long as its Content-Length says');

/** A connection that ended is no fault of the body's. */
const unreadable = (error: NodeJS.ErrnoException): Error =>
  error.code === 'ECONNRESET'
    ? error
    : new ServingError('INVALID_ARGUMENT', `the body cannot be read: ${error.message}`, { cause: error });

/**
 * What a body's codings hide. A decompressor exists only where somebody reads it, and hears of its errors: one that nobody
 * hears ends the process.
 */
function opened(request: FastifyRequest, payload: RequestPayload): RequestPayload {
  const coding = request.raw.headers['content-encoding']?.toLowerCase();
  if (coding === undefined || coding === '' || coding === 'identity') return payload;
  return decodeContent(payload, coding);
}

/**
 * Puts bodies together in memory of their own as their chunks come, so that a large one is not copied as a whole at its
 * end. A length that was announced is believed only as far as it is filled. Raw bytes begin at a multiple of 8 bytes in
 * that memory, so that a tensor can be there.
 */
export function bodyCollector(rawBytesAt: RawBytesAt = () => undefined): BodyReader {
  return (request, encoded, done) => {
    const limit = request.routeOptions.bodyLimit;
    const announced = Number(request.headers['content-length']);
    if (announced > limit) {
      done(tooLarge(limit));
      return;
    }
    if (announced === 0) {
      done(null, Buffer.alloc(0));
      return;
    }
    let payload: RequestPayload;
    try {
      payload = opened(request, encoded);
    } catch (error) {
      done(error as Error);
      return;
    }
    // Of a compressed body the announced length is that of what is sent.
    const isKnown = !('receivedEncodedLength' in payload) && Number.isFinite(announced);
    const memory = new BodyMemory({
      mostBytes: isKnown ? announced : limit,
      growth: isKnown ? announcedGrowth : unknownGrowth,
      rawBytesAt: rawBytesAt(request.headers) ?? 0,
    });
    let isFinished = false;
    const onData = (chunk: Buffer): void => {
      const { receivedEncodedLength = 0 } = payload;
      if (memory.length + chunk.length > limit || receivedEncodedLength > limit) finish(tooLarge(limit));
      else memory.push(chunk);
    };
    const onEnd = (): void => {
      const received = payload.receivedEncodedLength || memory.length;
      if (Number.isFinite(announced) && received !== announced) finish(notAsLong());
      else finish(null);
    };
    const onError = (error: Error): void => finish(unreadable(error));
    const finish = (error: Error | null): void => {
      // A decompressor may still fail over what comes after it was told to stop.
      if (isFinished) return;
      isFinished = true;
      payload.off('data', onData).off('end', onEnd);
      if (error === null) done(null, memory.body);
      else {
        // Refused halfway, for its size say: the rest is passed over, not opened.
        if (payload !== encoded) (payload as Transform).destroy();
        encoded.unpipe().resume();
        done(error);
      }
    };
    payload.on('data', onData).on('end', onEnd).on('error', onError);
  };
}

interface BodyMemoryOptions {
  readonly mostBytes: number;
  readonly growth: number;
  readonly rawBytesAt: number;
}

class BodyMemory {
  readonly #mostBytes: number;
  readonly #growth: number;
  /** Left free at the front. */
  readonly #offset: number;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor({ mostBytes, growth, rawBytesAt }: BodyMemoryOptions) {
    this.#mostBytes = mostBytes;
    this.#growth = growth;
    this.#offset = (alignmentBytes - (rawBytesAt % alignmentBytes)) % alignmentBytes;
  }

  get length(): number {
    return this.#length;
  }

  get body(): Buffer {
    return this.#bytes.subarray(this.#offset, this.#offset + this.#length);
  }

  push(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (this.#offset + needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(chunk, this.#offset + this.#length);
    this.#length = needed;
  }

  #grow(needed: number): void {
    const wanted = Math.max(leastBytes, needed * this.#growth);
    const larger = Buffer.allocUnsafeSlow(this.#offset + Math.max(needed, Math.min(wanted, this.#mostBytes)));
    this.#bytes.copy(larger, 0, 0, this.#offset + this.#length);
    this.#bytes = larger;
  }
}
