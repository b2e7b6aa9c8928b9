import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { BareEngine, type Outputs } from './bare-engine.js';
import { modelPath, readShippedModels } from './shipped-models.js';

describe('the shipped model greeting-language', () => {
  let engine: BareEngine;
  before(async () => {
    const model = readShippedModels().find(({ name }) => name === 'greeting-language');
    assert.ok(model);
    engine = await BareEngine.load(modelPath(model, 1));
  });
  after(() => engine.release());

  const classify = (texts: readonly string[]): Promise<Outputs> =>
    engine.run([{ name: 'text', datatype: 'BYTES', shape: [texts.length], data: texts }]);
  const probabilities = (outputs: Outputs): number[] => Array.from(outputs.probabilities?.data ?? [], Number);
  const textWithoutNul = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));

  test('gives probabilities that add up to one for any text', async () => {
    await fc.assert(
      fc.asyncProperty(textWithoutNul, async (text) => {
        const sum = probabilities(await classify([text])).reduce((total, value) => total + value, 0);
        assert.ok(Math.abs(sum - 1) < 1e-5, String(sum));
      }),
    );
  });

  test('answers a text alike whatever longer texts it stands beside', async () => {
    await fc.assert(
      fc.asyncProperty(textWithoutNul, fc.string({ minLength: 41, maxLength: 200 }), async (text, longer) => {
        const alone = probabilities(await classify([text]));
        const beside = probabilities(await classify([text, longer.replaceAll('\0', ' ')]));
        for (const [index, value] of alone.entries()) {
          const difference = Math.abs(value - (beside[index] ?? Number.NaN));
          assert.ok(difference < 1e-6, `${value} alone, ${beside[index]} beside ${JSON.stringify(longer)}`);
        }
      }),
    );
  });

  test('does not mind upper case, punctuation or white space around a text', async () => {
    const [plain, ...variants] = [
      'good morning everyone',
      'GOOD MORNING EVERYONE',
      'Good morning, everyone!',
      '\tgood morning everyone\n',
    ];
    const expected = (await classify([plain ?? ''])).label?.data;
    for (const variant of variants) assert.deepEqual((await classify([variant])).label?.data, expected, variant);
  });
});
