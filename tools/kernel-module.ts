import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';
import { projectRoot } from './project-root.js';

/** Where the compiled kernel is kept, from the project's root. */
export const kernelCodeFile = 'src/codecs/kernel/kernel-code.ts';

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--disableWarning', '112'];

/** Compiles assembly/ and returns the text of the kernel's code file: the same for the same source. */
export async function kernelModule(): Promise<string> {
  let code: Uint8Array | undefined;
  const { error, stderr } = await main(['assembly/index.ts', '--outFile', 'kernel.wasm', ...options], {
    readFile: (name, folder) => readOrNull(join(folder, name)),
    writeFile: (_name, contents) => {
      code = typeof contents === 'string' ? Buffer.from(contents) : contents;
    },
    listFiles: () => null,
  });
  if (error || code === undefined)
    throw new Error(`assembly/ does not compile\n${stderr.toString()}`, { cause: error });
  return [
    '/** The WebAssembly module compiled from assembly/, in base64. Written by tools/build-kernel.ts; not to be edited. */',
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
