import { parseArgs } from 'node:util';
import { fuzzHttp } from '../test/hostile/fuzz-http.js';
import { formatHttpFuzz, httpFuzzInvariants } from '../test/hostile/http-fuzz-invariants.js';

/**
 * Sends a server what nobody should: any headers, methods and codings on any route, malformed requests, cut ones,
 * pipelined ones. Prints what was not as it should be; exits with 1 where something was not. Usage: npm run fuzz:http --
 * [--requests 100000] [--seed N] [--at-once 16]
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'at-once': { type: 'string', default: '16' },
  },
});
const [requests, seed, atOnce] = [Number(values.requests), Number(values.seed), Number(values['at-once'])];
console.log(`${requests} requests, ${atOnce} at once, seed ${seed}`);
const report = await fuzzHttp({
  requests,
  seed,
  atOnce,
  onProgress: (done, { length }) => {
    if (done % 20_000 === 0) console.log(`${done} sent, ${length} faults`);
  },
});
console.log(formatHttpFuzz(report));
const broken = Object.values(httpFuzzInvariants).flatMap((problemsIn) => problemsIn(report));
process.exitCode = broken.length === 0 ? 0 : 1;
