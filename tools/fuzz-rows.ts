import { parseArgs } from 'node:util';
import { breaches, isBatched, rowPromises } from '../test/rows/row-findings.js';
import { rowKinds } from '../test/rows/row-kinds.js';
import { serveRowModels } from '../test/rows/serve-row-models.js';

/**
 * Models of every kind in which rows do or do not influence each other, made of seeds, served, and asked for much at
 * once. Prints what is wrong; exits with 1 where something is. Usage: npm run fuzz:rows -- [--seeds 10] [--seed 1]
 * [--requests 64] [--rounds 2] [--kinds A,B]
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '2' },
    kinds: { type: 'string' },
  },
});
const [seeds, first, requests, rounds] = [values.seeds, values.seed, values.requests, values.rounds].map(Number) as [
  number,
  number,
  number,
  number,
];
const chosen = values.kinds?.split(',');
const kinds = rowKinds.filter(({ name }) => chosen === undefined || chosen.includes(name));

let broken = 0;
for (let seed = first; seed < first + seeds; seed++) {
  const findings = await serveRowModels({ kinds, seed, requests, rounds });
  const batched = findings.filter(isBatched).length;
  console.log(`\nseed ${seed}: ${findings.length} models, ${batched} batched`);
  for (const promise of Object.keys(rowPromises)) {
    const sentences = breaches(findings, promise);
    if (sentences.length > 0) console.log(`BROKEN: ${promise}\n${sentences.map((line) => `  ${line}`).join('\n')}`);
    broken += sentences.length;
  }
}
console.log(`\n${broken} invariants broken`);
process.exitCode = broken === 0 ? 0 : 1;
