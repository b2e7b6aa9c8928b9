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
  access: { rooms: ['core'], packages: ['jose', 'node:*'] },
  config: { rooms: ['core'], packages: ['typebox', 'node:*'] },
  codecs: { rooms: ['core'], packages: ['node:*'] },
  onnx: { rooms: ['core'], packages: ['@bufbuild/protobuf', 'node:*'] },
  sources: { rooms: ['core', 'onnx'], packages: ['node:*'] },
  scheduling: { rooms: ['core'], packages: [] },
  processes: { rooms: ['core'], packages: ['node:*'] },
  engine: { rooms: ['core', 'processes'], packages: ['node:*'] },
  'engine/process': {
    rooms: ['core', 'processes', 'engine'],
    packages: ['node:*', 'onnxruntime-node', 'onnxruntime-common'],
  },
  tasks: { rooms: ['core'], packages: [] },
  preparation: { rooms: ['core', 'processes'], packages: ['node:*'] },
  'preparation/process': {
    rooms: ['core', 'processes', 'preparation', 'tasks'],
    packages: ['node:*', 'sharp', 'tokenizers'],
  },
  serving: { rooms: ['core', 'scheduling', 'sources', 'tasks'], packages: [] },
  golden: { rooms: ['core', 'codecs', 'inference'], packages: ['node:path'] },
  inference: { rooms: ['core'], packages: ['node:*'] },
  protocols: {
    rooms: ['core', 'access', 'codecs', 'inference', 'serving'],
    packages: ['fastify', '@fastify/', 'openapi-types', 'typebox', 'node:*'],
  },
  'protocols/v1': { rooms: ['core', 'codecs', 'inference', 'protocols'], packages: ['fastify', 'typebox', 'node:*'] },
  'protocols/v2': {
    rooms: ['core', 'access', 'codecs', 'inference', 'protocols'],
    packages: ['fastify', 'typebox', 'node:*'],
  },
  'protocols/grpc': {
    rooms: ['core', 'access', 'codecs', 'inference', 'protocols'],
    packages: ['@bufbuild/protobuf', '@grpc/grpc-js', 'node:*'],
  },
  workers: { rooms: ['core', 'config', 'observability'], packages: ['node:*'] },
  observability: { rooms: ['core'], packages: ['pino', 'prom-client', 'node:*'] },
  'observability/tracing': { rooms: ['core'], packages: ['@opentelemetry/', 'node:*'] },
};

/** Files that put the rooms together. */
const composition =
  /^(service|main|package-version|protocols\/http-server|protocols\/http-protocol|protocols\/grpc-protocol|protocols\/codec-thread)\.ts$|^commands\//;

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

test('the table of ARCHITECTURE.md has these rooms, and what each may import of the others', () => {
  const table = readFileSync(join(projectRoot(), 'ARCHITECTURE.md'), 'utf8').matchAll(
    /^\| `(\w+)\/` \|.*\| ([^|]*) \|$/gm,
  );
  const documented = Object.fromEntries(
    Array.from(table, ([, room, cell]) => [
      room!,
      cell!
        .split(/[,;] /)
        .filter((word) => word in rules)
        .sort(),
    ]),
  );
  const allowed = Object.entries(rules).filter(([room]) => !room.includes('/'));
  assert.deepEqual(documented, Object.fromEntries(allowed.map(([room, { rooms }]) => [room, [...rooms].sort()])));
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
