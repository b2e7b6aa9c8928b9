import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';

const src = join(projectRoot(), 'src');

interface Rule {
  /** Other rooms it may import from. */
  readonly rooms: readonly string[];
  /** Packages it may import; node's own where they begin with `node:`. `node:*` is all of them. */
  readonly packages: readonly string[];
}

/** The table of ARCHITECTURE.md. A room that is not listed here does not exist. */
const rules: Readonly<Record<string, Rule>> = {
  core: { rooms: [], packages: [] },
  config: { rooms: ['core'], packages: ['typebox', 'node:*'] },
  codecs: { rooms: ['core'], packages: ['node:*'] },
  onnx: { rooms: ['core'], packages: ['@bufbuild/protobuf', 'node:*'] },
  repository: { rooms: ['core', 'onnx'], packages: ['node:*'] },
  scheduling: { rooms: ['core'], packages: [] },
  engine: { rooms: ['core'], packages: ['node:*'] },
  'engine/process': { rooms: ['core', 'engine'], packages: ['node:*', 'onnxruntime-node', 'onnxruntime-common'] },
  serving: { rooms: ['core', 'repository', 'scheduling'], packages: [] },
  protocols: {
    rooms: ['core', 'codecs', 'serving'],
    packages: ['fastify', '@fastify/', 'openapi-types', 'typebox', 'node:*'],
  },
  'protocols/v1': { rooms: ['core', 'codecs', 'serving', 'protocols'], packages: ['fastify', 'typebox', 'node:*'] },
  'protocols/v2': { rooms: ['core', 'codecs', 'serving', 'protocols'], packages: ['fastify', 'typebox', 'node:*'] },
  fronts: { rooms: ['core', 'config', 'observability'], packages: ['node:*'] },
  observability: { rooms: ['core'], packages: ['pino', 'prom-client', 'node:*'] },
};

/** Files that put the rooms together. */
const composition = /^(service|main|package-version|protocols\/http-server|protocols\/codec-thread)\.ts$|^commands\//;

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function roomOf(file: string): string {
  const nested = Object.keys(rules).find((room) => room.includes('/') && file.startsWith(`${room}/`));
  return nested ?? (file.split('/')[0] as string);
}

/** Static imports and exports, dynamic imports. */
const importPattern = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

const importsOf = (file: string): string[] =>
  [...readFileSync(join(src, file), 'utf8').matchAll(importPattern)].map(
    (match) => (match[1] ?? match[2] ?? match[3]) as string,
  );

function violation(file: string, imported: string): string | undefined {
  const room = roomOf(file);
  const rule = rules[room];
  if (rule === undefined) return `${file}: there is no room "${room}"`;
  if (imported.startsWith('.')) {
    const target = roomOf(normalize(join(dirname(file), imported)));
    return target === room || rule.rooms.includes(target) ? undefined : `${file} imports ${target}`;
  }
  const allowed = rule.packages.some(
    (name) =>
      imported === name ||
      imported.startsWith(`${name}/`) ||
      (name.endsWith('/') && imported.startsWith(name)) ||
      (name === 'node:*' && imported.startsWith('node:')),
  );
  return allowed ? undefined : `${file} imports ${imported}`;
}

test('every room imports only what the architecture lets it', () => {
  const violations = sources
    .filter((file) => !composition.test(file))
    .flatMap((file) => importsOf(file).map((imported) => violation(file, imported)))
    .filter((found) => found !== undefined);
  assert.deepEqual(violations, []);
});

test('onnxruntime is loaded by the engine process alone', () => {
  const loaders = sources.filter((file) => importsOf(file).some((imported) => imported.startsWith('onnxruntime')));
  assert.deepEqual(
    loaders.filter((file) => !file.startsWith('engine/process/')),
    [],
  );
  const starters = sources.filter(
    (file) =>
      !file.startsWith('engine/process/') &&
      importsOf(file).some((imported) => imported.includes('engine/process/') || imported.includes('./process/')),
  );
  assert.deepEqual(starters, []);
});
