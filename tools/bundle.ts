/**
 * Puts the compiled program and its libraries into a few files of dist/bundle/: to load seven hundred small ones takes
 * longer than to load the shipped models. `npm run build` ends with this.
 */
import { readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from './project-root.js';

const source = join(projectRoot(), 'dist/src');
const outdir = join(projectRoot(), 'dist/bundle');

/** What is started by the file: the name in the bundle and the compiled module. */
const programs = {
  slipway: 'main.js',
  worker: 'commands/worker-main.js',
  engine: 'engine/process/engine-main.js',
  preparation: 'preparation/process/preparation-main.js',
  'fork-server': 'processes/fork-server/fork-server-main.js',
  'codec-thread': 'protocols/codec-thread.js',
  'handle-copier': 'protocols/handle-copier.js',
};

const external = [
  // They bring files that are no JavaScript.
  'onnxruntime-node',
  'sharp',
  'tokenizers',
  '@fastify/swagger-ui',
  // Fastify loads these when it needs them, and this server never makes it.
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

const bundled = new Map(Object.entries(programs).map(([name, path]) => [join(source, path), `${name}.js`]));

/** An address as seen from the bundle: a program's is the bundled one, any other file lies where it was. */
function addressOf(file: string): string {
  const address = JSON.stringify(bundled.get(file) ?? relative(outdir, file).replaceAll('\\', '/'));
  return `new URL(${address}, import.meta.url)`;
}

/** Makes modules find their files from another place. */
const ownAddresses: Plugin = {
  name: 'own addresses',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/]src[\\/].*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replaceAll(/new URL\('([^']+)', import\.meta\.url\)/g, (_, to: string) =>
          addressOf(resolve(dirname(path), to)),
        )
        .replaceAll(/(?<!", )import\.meta\.url/g, `${addressOf(path)}.href`);
      return { contents, resolveDir: dirname(path) };
    });
  },
};

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, join(source, path)])),
  outdir,
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minifyWhitespace: true,
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
  external,
  // For libraries in CommonJS that load modules of Node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
  plugins: [ownAddresses],
});
