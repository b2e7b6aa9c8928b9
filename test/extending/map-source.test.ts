import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { loadConfig } from '../../src/config/load-config.js';
import { Service } from '../../src/service.js';
import { ModelFolder } from '../support/model-folder.js';
import { MapSource } from './map-source.js';

/** Adds a number. */
function adder(number: number): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 1]);
  graph.output(graph.node('Add', [x, graph.floats([number], [1])], { outputs: ['y'] }), ElementType.FLOAT, [
    'batch',
    1,
  ]);
  return graph.finish('adder');
}

// The files lie anywhere, under names that no models folder would take for models.
const files = new ModelFolder();
const path = (name: string): string => join(files.path, name);
for (const number of [1, 2, 10]) files.write(adder(number), `blobs/${number}`);

const source = new MapSource();
source.put('adder', { 1: path('blobs/1') });
const service = new Service({
  config: loadConfig({
    argv: ['--host', '127.0.0.1', '--port', '0'],
    env: {},
    cwd: files.path,
    // No folder need be there that the setting `models` names.
    hasOwnSource: true,
  }),
  logger: pino({ level: 'silent' }),
  version: 'test',
  source,
});
let origin: string;
before(async () => {
  origin = await service.start();
  await service.reconciled();
});
after(async () => {
  await service.stop();
  files.remove();
});

async function ask(name: string, version?: number): Promise<unknown> {
  const place = version === undefined ? name : `${name}/versions/${version}`;
  const response = await fetch(`${origin}/v1/models/${place}:predict`, {
    method: 'POST',
    body: JSON.stringify({ instances: [[5]] }),
  });
  const body = (await response.json()) as { predictions?: number[][] };
  return response.status === 200 ? body.predictions?.flat()[0] : response.status;
}

/** The test's limit of time is the limit. */
async function until(expected: unknown, name: string, version?: number): Promise<void> {
  while ((await ask(name, version)) !== expected) await pause(20);
}

test('what lies in the map at the start is served', async () => {
  assert.equal(await ask('adder'), 6);
  assert.equal(await ask('late'), 404);
});

test('what is put there later is served, too, with its settings', async () => {
  source.put('late', { 1: path('blobs/1'), 2: path('blobs/2') }, { versionPolicy: { kind: 'all' } });
  await until(7, 'late');
  await until(6, 'late', 1);
});

test('a new version takes the place of the old one, and one that is put again is loaded again', async () => {
  source.put('adder', { 2: path('blobs/2') });
  await until(7, 'adder');
  source.put('adder', { 2: path('blobs/10') });
  await until(15, 'adder');
  await until(404, 'adder', 1);
});

test('what is removed is no longer served', async () => {
  source.remove('late');
  await until(404, 'late');
  assert.equal(await ask('adder'), 15);
});

test('a file that is not there is the reason why its version does not serve', async () => {
  source.put('gone', { 1: path('blobs/none') });
  const reasonOf = async (): Promise<string> => {
    const response = await fetch(`${origin}/v1/models/gone`);
    if (response.status === 404) return '';
    const { model_version_status: states } = (await response.json()) as {
      model_version_status: { status: { error_message: string } }[];
    };
    return states[0]?.status.error_message ?? '';
  };
  // It is a 503 as soon as it is being loaded.
  while ((await reasonOf()) === '') await pause(20);
  await until(503, 'gone');
  assert.match(await reasonOf(), /none/);
});
