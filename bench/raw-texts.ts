/**
 * The engine alone, for `bench/texts.ts`: token batches in a loop, made before the clock starts. Prints rows a second.
 *
 *   node raw-texts.js MODEL.onnx SECONDS LENGTHS.json    (a list of batches, each a list of lengths)
 */
import { readFileSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node';
import { openSession } from './contenders/open-session.js';

const [modelPath = '', seconds = '', lengthsPath = ''] = process.argv.slice(2);
const session = await openSession(modelPath, 1);
const batches = (JSON.parse(readFileSync(lengthsPath, 'utf8')) as number[][]).map((lengths) => {
  const longest = Math.max(...lengths);
  const mask = lengths.flatMap((length) => Array.from({ length: longest }, (_, at) => (at < length ? 1n : 0n)));
  const shape = [lengths.length, longest];
  return {
    rows: lengths.length,
    feeds: {
      input_ids: new Tensor(
        'int64',
        BigInt64Array.from(mask, (kept, at) => kept * BigInt(4 + (at % 7000))),
        shape,
      ),
      attention_mask: new Tensor('int64', BigInt64Array.from(mask), shape),
    },
  };
});
for (const { feeds } of batches.slice(0, 20)) await session.run(feeds);
const until = performance.now() + 1000 * Number(seconds);
const begun = performance.now();
let rows = 0;
for (let at = 0; performance.now() < until; at++) {
  const batch = batches[at % batches.length];
  if (batch === undefined) break;
  await session.run(batch.feeds);
  rows += batch.rows;
}
console.log(JSON.stringify({ rowsPerSecond: (1000 * rows) / (performance.now() - begun) }));
