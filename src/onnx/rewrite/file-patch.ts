import { chmod, constants, copyFile, open } from 'node:fs/promises';
import type { FieldRange } from '../file-window.js';
import { writeFieldsWithout } from './remaining-fields.js';

/** A change to a model file. */
export interface FilePatch {
  /** Fields of the model and of its graph that are to go. */
  readonly hidden: readonly FieldRange[];
  /** Fields of the model, which protobuf merges with those before: another `graph` adds to the graph. */
  readonly appended: Uint8Array;
  /** The file's graph, where weights of it stay in the file: what remains is written, rather than the file copied. */
  readonly graphWithoutWeights?: FieldRange;
}

/**
 * Tag of a length-delimited field that neither a model nor a graph has, so that every reader passes over it.
 * Overwriting a tag with it takes a field away without moving a byte of the file.
 */
const unknownTag = Uint8Array.of((9 << 3) | 2);

export async function writePatched(source: string, target: string, patch: FilePatch): Promise<void> {
  const { hidden, appended, graphWithoutWeights: graph } = patch;
  if (graph === undefined) return writePatchedCopy(source, target, patch);
  await using from = await open(source);
  await using to = await open(target, 'w', 0o600);
  await writeFieldsWithout(hidden, { graph, from, to });
  await to.appendFile(appended);
}

/** The kernel copies the bulk, without a byte passing through this process. */
async function writePatchedCopy(source: string, target: string, { hidden, appended }: FilePatch): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  // The copy took over the permissions of a source that may be read-only.
  await chmod(target, 0o600);
  await using handle = await open(target, 'r+');
  for (const { start } of hidden) await handle.write(unknownTag, 0, 1, start);
  const { size } = await handle.stat();
  await handle.write(appended, 0, appended.length, size);
}
