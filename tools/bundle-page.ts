/**
 * Puts the page for browsers together: dist/bundle/page/ has what it needs, by names that change with the contents, beside it
 * compressed. `npm run build` ends with this.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { projectRoot } from './project-root.js';

const source = join(projectRoot(), 'page');
const outdir = join(projectRoot(), 'dist/bundle/page');

const { outputFiles } = await build({
  entryPoints: [join(source, 'main.tsx'), join(source, 'style.css')],
  outdir,
  bundle: true,
  write: false,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });

const nameOf = (ending: string, contents: Uint8Array): string =>
  `page-${createHash('sha256').update(contents).digest('hex').slice(0, 10)}${ending}`;

async function put(name: string, contents: Uint8Array): Promise<void> {
  await Promise.all([
    writeFile(join(outdir, name), contents),
    writeFile(join(outdir, `${name}.br`), brotliCompressSync(contents)),
    writeFile(join(outdir, `${name}.gz`), gzipSync(contents, { level: 9 })),
  ]);
}

let html = await readFile(join(source, 'index.html'), 'utf8');
for (const { path, contents } of outputFiles) {
  const isStyle = path.endsWith('.css');
  const name = nameOf(isStyle ? '.css' : '.js', contents);
  html = html.replace(isStyle ? 'STYLE' : 'SCRIPT', name);
  await put(name, contents);
}
await put('index.html', Buffer.from(html));
