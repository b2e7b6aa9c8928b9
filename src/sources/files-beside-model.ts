import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { ServingError } from '../core/serving-error.js';
import type { ModelFolder } from '../core/task.js';

/** Where Hugging Face's tools put the graph. */
const onnxFolder = 'onnx';
/** More files than any model has. */
const mostNames = 10_000;

/**
 * The folder that a model's file came with, and those right below. Where the graph lies in `onnx`, it is the one above. What
 * leads out of `mayLeadTo` is not read. Rejects with UNAVAILABLE, `read` too, where files that were there are away.
 */
export async function filesBesideModel(modelPath: string, mayLeadTo: readonly string[]): Promise<ModelFolder> {
  const own = dirname(modelPath);
  const root = basename(own) === onnxFolder ? dirname(own) : own;
  const names = new Set<string>();
  for (const entry of await readdir(root, { withFileTypes: true }).catch(thrower('the folder of the model'))) {
    if (names.size > mostNames) break;
    if (!entry.isDirectory()) names.add(entry.name);
    else for (const name of await readdir(join(root, entry.name)).catch(() => [])) names.add(`${entry.name}/${name}`);
  }
  const bounds = Promise.all([root, ...mayLeadTo].map((folder) => realpath(folder).catch(() => folder)));
  return {
    names,
    read: async (name, mostBytes) => {
      const isAway = thrower(name);
      const path = await realpath(join(root, name)).catch(isAway);
      const isInside = (await bounds).some((folder) => path.startsWith(folder + sep));
      if (!isInside) throw new Error('it leads out of the models folder');
      // A pipe would be waited for.
      if (!(await stat(path).catch(isAway)).isFile()) throw new Error('it is no file');
      return readWhole(path, mostBytes).catch(isAway);
    },
  };
}

/** The system's words for what may be there again soon. */
const away = new Set(['ENOENT', 'ENOTDIR', 'ESTALE', 'EIO', 'EMFILE', 'ENFILE', 'ENOTCONN', 'ETIMEDOUT', 'EHOSTDOWN']);

/** Throws on what a file system says of `name`. */
const thrower =
  (name: string) =>
  (cause: NodeJS.ErrnoException): never => {
    if (!away.has(cause.code ?? '')) throw cause;
    throw new ServingError('UNAVAILABLE', `${name} cannot be read: ${cause.code}`, { cause, retryAfterSeconds: 1 });
  };

async function readWhole(path: string, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // `end` is the position of the last byte: one more than may be there.
  for await (const chunk of createReadStream(path, { end: mostBytes }) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  if (bytes > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
  return Buffer.concat(chunks);
}
