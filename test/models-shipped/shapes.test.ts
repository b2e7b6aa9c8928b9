import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { everyModelServes } from '../support/quiet-state.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const fileOf = (name: string): string => `${shippedModels}/shapes/${name}`;
const folder = new ModelFolder();
let server: ServerProcess;

before(async () => {
  for (const file of ['1/model.onnx', 'model.json']) folder.put(fileOf(file), `shapes/${file}`);
  server = await ServerProcess.start(['--models', folder.path]);
  await everyModelServes(server);
});
after(async () => {
  await server?.stop();
  folder.remove();
});

test('it is smaller than a megabyte, and its card has its data, licence, held-out score, limits and a request', () => {
  assert.ok(statSync(fileOf('1/model.onnx')).size < 1_000_000);
  const card = readFileSync(fileOf('README.md'), 'utf8');
  for (const expected of ['## Data', 'licence', 'mAP', '## Use and limits', '/v1/models/shapes/predict']) {
    assert.ok(card.includes(expected), `the card lacks "${expected}"`);
  }
});

interface Thing {
  readonly label: string;
  readonly box: Readonly<Record<'xmin' | 'ymin' | 'xmax' | 'ymax', number>>;
}

test('in the picture beside it all is found, and nothing else', async () => {
  const response = await fetch(`${server.origin}/v1/models/shapes/predict`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: readFileSync(fileOf('picture.png')),
  });
  assert.equal(response.status, 200);
  const { predictions } = (await response.json()) as { predictions: [{ detections: Thing[] }] };
  const drawn = JSON.parse(readFileSync(fileOf('picture.json'), 'utf8')) as Thing[];
  const found = predictions[0].detections;
  assert.equal(found.length, drawn.length, JSON.stringify(found));
  for (const { label, box } of drawn) {
    const isNear = (thing: Thing): boolean =>
      thing.label === label &&
      Object.entries(box).every(([side, at]) => Math.abs(thing.box[side as keyof Thing['box']] - at) < 6);
    assert.ok(found.some(isNear), `${label} at ${JSON.stringify(box)} in ${JSON.stringify(found)}`);
  }
});
