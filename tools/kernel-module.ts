import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';
import { projectRoot } from './project-root.js';

/** The WebAssembly modules: the folder of assembly/ each is made of, and where the code is kept, from the project's root. */
export const kernels = [
  { folder: 'assembly/numbers', codeFile: 'src/codecs/kernel/kernel-code.ts' },
  { folder: 'assembly/pixels', codeFile: 'src/tasks/image/kernel/kernel-code.ts' },
] as const;

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--disableWarning', '112'];

/** Compiles a folder and returns the text of its code file: the same for the same source. */
export async function kernelModule(folder: string): Promise<string> {
  let code: Uint8Array | undefined;
  const { error, stderr } = await main([`${folder}/index.ts`, '--outFile', 'kernel.wasm', ...options], {
    readFile: (name, from) => readOrNull(join(from, name)),
    writeFile: (_name, contents) => {
      code = typeof contents === 'string' ? Buffer.from(contents) : contents;
    },
    listFiles: () => null,
  });
  if (error || code === undefined)
    throw new Error(`${folder}/ does not compile\n${stderr.toString()}`, { cause: error });
  return [
    `/** The WebAssembly module compiled from ${folder}/, in base64. Written by tools/build-kernel.ts; not to be edited. */`,
    `export const kernelCode =\n  '${Buffer.from(code).toString('base64')}';`,
    '',
  ].join('\n');
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(join(projectRoot(), path), 'utf8');
  } catch {
    return null;
  }
}
