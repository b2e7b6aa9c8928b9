import sharp from 'sharp';
import { text } from './judge.js';
import type { KnownQuestion } from './known-questions.js';

/** A text for the model `good` and a picture for `classifier`, whose answers are known: [CLS] good [SEP] is 2, 4, 3. */
export async function knownTasks(): Promise<KnownQuestion[]> {
  const red = sharp({ create: { width: 12, height: 6, channels: 3, background: { r: 250, g: 10, b: 10 } } });
  const b64 = (await red.png().toBuffer()).toString('base64');
  const known = (model: string, instance: unknown, expected: RegExp): KnownQuestion => ({
    target: `/v1/models/${model}/predict`,
    body: JSON.stringify({ instances: [instance] }),
    fault: (answer) =>
      answer.status === 200 && expected.test(text(answer))
        ? undefined
        : `${model}: ${answer.status}, ${text(answer).slice(0, 200)}`,
  });
  return [
    known('good', 'good', /^\{"predictions":\[\[3(\.0)?,1(\.0)?\]\]\}$/),
    known('classifier', { b64 }, /"label":"red"/),
  ];
}
