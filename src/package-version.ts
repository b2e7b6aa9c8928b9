import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** This program's version, from its package.json. */
export const packageVersion = (): string => versionIn('../../package.json');

/** The engine's version; its code is not loaded. */
export const engineVersion = (): string => versionIn('onnxruntime-node/package.json');

function versionIn(packageFile: string): string {
  return (JSON.parse(readFileSync(require.resolve(packageFile), 'utf8')) as { version: string }).version;
}
