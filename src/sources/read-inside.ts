import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ServingError } from '../core/serving-error.js';
import { realPath } from '../onnx/real-path.js';

export interface ReadInsideOptions {
  /** Folders that it may lie in, links followed. */
  readonly folders: readonly string[];
  readonly mostBytes: number;
}

/**
 * The content of a file that a source found, as it is now; undefined where that is larger. Rejects with a ServingError whose
 * message goes after the file's name: another file, or a link, may be in its place.
 */
export async function readInside(path: string, { folders, mostBytes }: ReadInsideOptions): Promise<Buffer | undefined> {
  try {
    const roots = await Promise.all(folders.map((folder) => realPath(folder).catch(() => folder)));
    const target = await realPath(path);
    if (!roots.some((root) => target.startsWith(root.endsWith('/') ? root : `${root}/`))) {
      throw new ServingError('INVALID_ARGUMENT', 'is a link that leads outside of the models folder');
    }
    // A pipe would be waited for.
    if (!(await stat(target)).isFile()) throw new ServingError('INVALID_ARGUMENT', 'is no file');
    return await readAll(target, mostBytes);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    const { code = 'failure' } = error as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? 'is not there any more' : `cannot be read (${code})`;
    throw new ServingError('UNAVAILABLE', message, { cause: error, retryAfterSeconds: 1 });
  }
}

async function readAll(path: string, mostBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // `end` is the position of the last byte: one more than may be there.
  for await (const chunk of createReadStream(path, { end: mostBytes }) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return bytes > mostBytes ? undefined : Buffer.concat(chunks);
}
