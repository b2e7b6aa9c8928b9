import type { FastifyRequest, RequestPayload } from 'fastify';
import { invalidArgument, ServingError } from '../../core/serving-error.js';

/** What is taken for a body before any of it has come. */
const firstBytes = 65_536;
/** Memory for a body grows so many times over: what was claimed but not sent costs the sender that share of it. */
const growth = 8;

type Done = (error: Error | null, body?: Buffer) => void;

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
 * Puts a body together in memory of its own as its chunks come, so that a large one is not copied as a whole at its end.
 * A length that was announced is believed only as far as it is filled.
 */
export function collectBody(request: FastifyRequest, payload: RequestPayload, done: Done): void {
  const limit = request.routeOptions.bodyLimit;
  const announced = Number(request.headers['content-length']);
  if (announced > limit) {
    done(tooLarge(limit));
    return;
  }
  // Of a compressed body the announced length is that of what is sent.
  const isPlain = !('receivedEncodedLength' in payload);
  const mostBytes = isPlain && Number.isFinite(announced) ? announced : limit;
  let bytes: Buffer = Buffer.allocUnsafeSlow(Math.min(mostBytes, firstBytes));
  let length = 0;
  let isFinished = false;
  const onData = (chunk: Buffer): void => {
    const { receivedEncodedLength = 0 } = payload;
    const needed = length + chunk.length;
    if (needed > limit || receivedEncodedLength > limit) {
      finish(tooLarge(limit));
      return;
    }
    if (needed > bytes.length) {
      bytes = grown(bytes, length, Math.max(needed, Math.min(growth * bytes.length, mostBytes)));
    }
    bytes.set(chunk, length);
    length = needed;
  };
  const onEnd = (): void => {
    const received = payload.receivedEncodedLength || length;
    if (Number.isFinite(announced) && received !== announced) finish(notAsLong());
    else finish(null);
  };
  const onError = (error: Error): void => finish(unreadable(error));
  const finish = (error: Error | null): void => {
    // A decompressor may still fail over what comes after it was told to stop.
    if (isFinished) return;
    isFinished = true;
    payload.off('data', onData).off('end', onEnd);
    if (error === null) done(null, bytes.subarray(0, length));
    else done(error);
  };
  payload.on('data', onData).on('end', onEnd).on('error', onError);
}

function grown(bytes: Buffer, length: number, capacity: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(capacity);
  bytes.copy(larger, 0, 0, length);
  return larger;
}
