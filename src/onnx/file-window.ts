import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { type FileStats, fileState } from '../core/engine-files.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import { withoutPaths } from '../core/without-paths.js';
import { describeForeignFile } from './foreign-file.js';
import { tellingStats } from './telling-stats.js';

/** Bytes of a file, from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** The value of a field, and where the field itself begins: tag, length (where it has one), value. */
export interface FieldRange extends ByteRange {
  readonly start: number;
}

/** The state of whatever file is at the path now; undefined where there is none. */
export const stateOfFile = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(fileState, () => undefined);

/** The system's words for what may be otherwise soon: a network file system that is away, or too many open files. */
const mayPass = new Set(
  'EAGAIN EBUSY EHOSTDOWN EHOSTUNREACH EIO EMFILE ENFILE ENOMEM ENOTCONN ESTALE ETIMEDOUT'.split(' '),
);

/** A named pipe in place of a file must not hold the server up until somebody writes to it. */
const readWithoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const smallestReadBytes = 8 * 1024;
const largestReadBytes = 256 * 1024;

/**
 * A file seen through one moving buffer: a walk that skips most of the file reads little more than it looks at.
 * Whatever a method returns as bytes is a view that the next `load` may overwrite.
 */
export class FileWindow implements AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly size: number;
  /** Its `fileState` when it was opened. */
  readonly state: string;
  readonly #handle: FileHandle;
  #start = 0;
  #bytes = new Uint8Array(0);
  #reader = new BinaryReader(this.#bytes);
  #nextReadBytes = smallestReadBytes;

  private constructor(path: string, stat: FileStats, handle: FileHandle) {
    this.path = path;
    this.name = basename(path);
    this.size = Number(stat.size);
    this.state = fileState(stat);
    this.#handle = handle;
  }

  /**
   * Throws NOT_FOUND for a missing file, UNAVAILABLE for one that cannot be reached for now, INVALID_ARGUMENT for one that
   * is no file or is plainly something else.
   */
  static async open(path: string): Promise<FileWindow> {
    const name = basename(path);
    const handle = await open(path, readWithoutWaiting).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') throw new ServingError('NOT_FOUND', `${name} does not exist`, { cause });
      const { code = cause.message } = cause;
      const why = code === 'EACCES' ? `user ${process.getuid?.() ?? ''} may not read it (EACCES)` : code;
      const verdict = mayPass.has(code) ? 'UNAVAILABLE' : 'INVALID_ARGUMENT';
      throw new ServingError(verdict, `${name} cannot be opened: ${why}`, { cause });
    });
    try {
      const stat = await tellingStats(() => handle.stat({ bigint: true }));
      if (!stat.isFile()) throw invalidArgument(`${name} is not a file`);
      if (stat.size === 0n) throw invalidArgument(`${name} is empty (0 bytes); copy the model file again`);
      const window = new FileWindow(resolve(path), stat, handle);
      const foreign = describeForeignFile(await window.load({ offset: 0, length: Math.min(512, window.size) }));
      if (foreign !== undefined) throw invalidArgument(`${name} is not an ONNX model but ${foreign}`);
      return window;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** A reader that stands at `offset`, or undefined when fewer than `length` bytes from there on are in the buffer. */
  readerAt(offset: number, length: number): BinaryReader | undefined {
    const position = offset - this.#start;
    if (position < 0 || position + length > this.#bytes.length) return undefined;
    this.#reader.pos = position;
    return this.#reader;
  }

  /** The bytes of a range, or undefined when they are not all in the buffer. */
  peek({ offset, length }: ByteRange): Uint8Array | undefined {
    const position = offset - this.#start;
    if (position < 0 || position + length > this.#bytes.length) return undefined;
    return this.#bytes.subarray(position, position + length);
  }

  /** The bytes of a range that lies within the file. */
  async load(range: ByteRange): Promise<Uint8Array> {
    const present = this.peek(range);
    if (present !== undefined) return present;
    const sequential = range.offset <= this.#start + this.#bytes.length && range.offset >= this.#start;
    this.#nextReadBytes = sequential ? Math.min(2 * this.#nextReadBytes, largestReadBytes) : smallestReadBytes;
    const wanted = Math.min(Math.max(range.length, this.#nextReadBytes), this.size - range.offset);
    const bytes = new Uint8Array(wanted);
    let filled = 0;
    while (filled < wanted) {
      const bytesRead = await this.#read(bytes.subarray(filled), range.offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < range.length) throw this.corrupt('it became shorter while it was read');
    this.#start = range.offset;
    this.#bytes = bytes.subarray(0, filled);
    this.#reader = new BinaryReader(this.#bytes);
    return this.#bytes.subarray(0, range.length);
  }

  async #read(into: Uint8Array, offset: number): Promise<number> {
    try {
      return (await this.#handle.read(into, 0, into.length, offset)).bytesRead;
    } catch (cause) {
      throw new ServingError('UNAVAILABLE', `${this.name} cannot be read: ${withoutPaths((cause as Error).message)}`, {
        cause,
      });
    }
  }

  /** What a function makes of the bytes of a range; where it throws, the file is damaged. */
  async decode<T>(range: ByteRange, decode: (bytes: Uint8Array) => T): Promise<T> {
    const bytes = await this.load(range);
    try {
      return decode(bytes);
    } catch (cause) {
      throw this.corrupt(`what lies from byte ${range.offset} on is damaged (${(cause as Error).message})`);
    }
  }

  corrupt(detail: string): ServingError {
    return invalidArgument(`${this.name} is not a readable ONNX model: ${detail}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
