import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { invalidArgument, ServingError } from '../../core/serving-error.js';

/** A part of a POSIX shared memory object. */
export interface SharedSpan {
  /** As `shm_open` takes it: a name, with a slash before it or without. */
  readonly key: string;
  readonly offset: number;
  readonly bytes: number;
}

const folder = '/dev/shm';
/** A name of one part: nothing leads out of the folder. */
const objectName = /^\/?(?!\.{1,2}$)([^/\0]{1,255})$/;
/** No link is followed, and a pipe keeps nobody waiting. */
const carefully = constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Node reads and writes less than 2 GiB at once. */
const mostAtOnce = 2 ** 30;

/** Throws INVALID_ARGUMENT where the object does not hold the span now. `subject` opens the message. */
export function requireSpan(span: SharedSpan, subject: string): void {
  withObject(span, constants.O_RDONLY, subject, () => undefined);
}

/** What lies in the span now, in memory of its own. Throws INVALID_ARGUMENT where the object does not hold it. */
export function readShared(span: SharedSpan, subject: string): Buffer {
  return withObject(span, constants.O_RDONLY, subject, (descriptor) => {
    const { offset, bytes } = span;
    const buffer = Buffer.allocUnsafeSlow(bytes);
    for (let done = 0; done < bytes; ) {
      const count = readSync(descriptor, buffer, done, Math.min(bytes - done, mostAtOnce), offset + done);
      if (count === 0) throw tooSmall(span, offset + done, subject);
      done += count;
    }
    return buffer;
  });
}

/** Writes to the beginning of the span, which has to be long enough. Throws INVALID_ARGUMENT as `readShared` does. */
export function writeShared(span: SharedSpan, data: Uint8Array, subject: string): void {
  withObject(span, constants.O_WRONLY, subject, (descriptor) => {
    for (let done = 0; done < data.length; ) {
      done += writeSync(descriptor, data, done, Math.min(data.length - done, mostAtOnce), span.offset + done);
    }
  });
}

function withObject<T>(span: SharedSpan, flags: number, subject: string, use: (descriptor: number) => T): T {
  try {
    const descriptor = openSync(`${folder}/${nameOf(span.key, subject)}`, flags | carefully);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw unusable(span, 'it is no shared memory object', subject);
      // The owner may have shortened it since it was looked at last.
      if (stats.size < span.offset + span.bytes) throw tooSmall(span, stats.size, subject);
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof ServingError) throw error;
    throw failure(span, error as NodeJS.ErrnoException, subject);
  }
}

function nameOf(key: string, subject: string): string {
  const name = objectName.exec(key)?.[1];
  if (name !== undefined) return name;
  throw invalidArgument(
    `${subject}: key: expected the name of an object in ${folder}, such as "/input", without further slashes, got ${JSON.stringify(key.slice(0, 100))}`,
  );
}

function failure(span: SharedSpan, { code, message }: NodeJS.ErrnoException, subject: string): ServingError {
  const short = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'].includes(code ?? '');
  if (short)
    return new ServingError('UNAVAILABLE', `${subject}: shared memory cannot be used now (${code}); try again`);
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is none of this name',
    ELOOP: 'it is a link',
    EACCES: `user ${process.getuid?.() ?? ''} may not open it`,
  };
  return unusable(span, reasons[code ?? ''] ?? code ?? message, subject);
}

const unusable = ({ key }: SharedSpan, why: string, subject: string): ServingError =>
  invalidArgument(`${subject}: Unable to open shared memory region: '${key}' (${why})`);

const tooSmall = ({ key, offset, bytes }: SharedSpan, size: number, subject: string): ServingError =>
  invalidArgument(
    `${subject}: shared memory object '${key}' has ${size} bytes, bytes ${offset} to ${offset + bytes} of it are meant`,
  );
