import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseModelConfig } from '../../src/config/model-config-schema.js';
import { BareEngine, type Outputs, sliceRows } from './bare-engine.js';
import { modelPath, readShippedModels, type SampleCase } from './shipped-models.js';

const maxBytes = 1_000_000;

for (const model of readShippedModels()) {
  describe(`the shipped model ${model.name}`, () => {
    test('has a card with its data, licence, held-out score, limits and a request', () => {
      const card = readFileSync(join(model.directory, 'README.md'), 'utf8');
      for (const expected of ['## Data', 'licence', 'held', '## Use and limits', `/v1/models/${model.name}/`]) {
        assert.ok(card.includes(expected), `the card lacks "${expected}"`);
      }
    });

    test('has settings that the server accepts, labels pointing at versions that exist', () => {
      const { labels } = parseModelConfig(readFileSync(join(model.directory, 'model.json'), 'utf8'));
      for (const version of Object.values(labels)) assert.ok(model.versions.includes(version));
    });

    test('keeps at least ten rows with predictions for every version', () => {
      assert.deepEqual(
        model.cases.map(({ version }) => version),
        model.versions,
      );
      for (const { inputs } of model.cases) assert.ok(inputs.every(({ shape }) => (shape[0] ?? 0) >= 10));
    });
  });

  for (const sample of model.cases) {
    describe(`version ${sample.version} of the shipped model ${model.name}`, () => {
      const path = modelPath(model, sample.version);
      const rows = sample.inputs[0]?.shape[0] ?? 0;
      let engine: BareEngine;
      before(async () => {
        engine = await BareEngine.load(path);
      });
      after(() => engine.release());

      test('is smaller than a megabyte', () => {
        assert.ok(statSync(path).size < maxBytes);
      });

      test('has a batch axis called batch on every input and output', () => {
        for (const [name, shape] of Object.entries(engine.shapes)) assert.equal(shape[0], 'batch', name);
      });

      test('answers many rows as the framework that trained it did', async () => {
        assertAnswers(await engine.run(sample.inputs), sample);
      });

      test('answers a single row as the framework that trained it did', async () => {
        for (let row = 0; row < rows; row += 1) {
          const alone = await engine.run(sample.inputs.map((input) => sliceRows(input, row, row + 1)));
          const expected = sample.expected.map((output) => sliceRows(output, row, row + 1));
          assertAnswers(alone, { ...sample, expected });
        }
      });

      test('answers no rows with no rows', async () => {
        const outputs = await engine.run(sample.inputs.map((input) => sliceRows(input, 0, 0)));
        for (const { name, shape } of sample.expected) assert.deepEqual(outputs[name]?.dims, [0, ...shape.slice(1)]);
      });
    });
  }
}

function assertAnswers(outputs: Outputs, { expected, tolerance }: SampleCase): void {
  for (const { name, datatype, shape, data } of expected) {
    const output = outputs[name];
    assert.deepEqual(output?.dims, shape);
    if (datatype === 'BYTES') {
      assert.deepEqual([...output.data], data, name);
      continue;
    }
    for (const [index, value] of data.entries()) {
      const allowed = tolerance.absolute + tolerance.relative * Math.abs(Number(value));
      const difference = Math.abs(Number(output.data[index]) - Number(value));
      assert.ok(difference <= allowed, `${name}[${index}]: ${output.data[index]} is not ${value}`);
    }
  }
}
