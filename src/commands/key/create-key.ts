import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { parseKeysFile } from '../../config/keys-file.js';
import type { KeyArguments } from './key-arguments.js';

export interface CreatedKey {
  /** The key itself, which is kept nowhere. */
  readonly text: string;
  readonly entry: object;
  readonly file?: string | undefined;
}

/** By which people and scanners of repositories know a key for what it is. */
const prefix = 'slk_';
const secretBytes = 32;

/** Makes a key and adds its entry to the file. Throws, and changes nothing, where the entry would not do. */
export function createKey({ id, file, ...granted }: KeyArguments): CreatedKey {
  const text = prefix + randomBytes(secretBytes).toString('base64url');
  const sha256 = createHash('sha256').update(text).digest('hex');
  const entry = { id, sha256, ...granted };
  if (file === undefined) parseKeysFile(JSON.stringify({ keys: [entry] }));
  else addEntry(file, entry);
  return { text, entry, file };
}

/** In the place of the whole file, so that no server reads half of it. */
function addEntry(path: string, entry: object): void {
  const isThere = existsSync(path);
  const before = isThere ? readFileSync(path, 'utf8') : '{"keys": []}';
  parseKeysFile(before);
  const { keys, ...others } = JSON.parse(before.replace(/^\uFEFF/, '')) as { readonly keys: readonly object[] };
  const after = `${JSON.stringify({ ...others, keys: [...keys, entry] }, null, 2)}\n`;
  parseKeysFile(after);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, after, { mode: 0o600, flag: 'wx' });
  if (isThere) chmodSync(temporary, statSync(path).mode);
  renameSync(temporary, path);
}
