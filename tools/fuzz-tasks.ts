import { parseArgs } from 'node:util';
import { fuzzTasks } from '../test/hostile/fuzz-tasks.js';
import { formatHttpFuzz, httpFuzzInvariants } from '../test/hostile/http-fuzz-invariants.js';

/**
 * Sends models of texts and pictures what nobody should: damaged pictures, odd texts, wrong parameters. Prints what was not as
 * it should be; exits with 1 where something was not. Usage: npm run fuzz:tasks -- [--requests 50000] [--seed N] [--at-once 16]
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'at-once': { type: 'string', default: '16' },
  },
});
const [requests, seed, atOnce] = [Number(values.requests), Number(values.seed), Number(values['at-once'])];
console.log(`${requests} requests, ${atOnce} at once, seed ${seed}`);
const report = await fuzzTasks({
  requests,
  seed,
  atOnce,
  onProgress: (done, { length }) => {
    if (done % 10_000 === 0) console.log(`${done} answered, ${length} faults`);
  },
});
console.log(formatHttpFuzz(report));
console.log(`${report.compared} answers compared with the answer alone`);
const broken = Object.values(httpFuzzInvariants).flatMap((problemsIn) => problemsIn(report));
process.exitCode = broken.length === 0 ? 0 : 1;
