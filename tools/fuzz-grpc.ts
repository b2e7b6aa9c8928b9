import { parseArgs } from 'node:util';
import { fuzzGrpc } from '../test/hostile/fuzz-grpc.js';

/**
 * Sends a gRPC server damaged messages, frames and bytes of HTTP/2. Prints how often each outcome was told, and what was not
 * as it should be; exits with 1 where something was not. Usage: npm run fuzz:grpc -- [--requests 100000] [--seed N]
 * [--at-once 16]
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
const { outcomes, faults } = await fuzzGrpc({ requests, seed, atOnce });
for (const [outcome, count] of [...outcomes].sort()) console.log(`${String(count).padStart(8)} ${outcome}`);
for (const fault of faults.slice(0, 20)) console.log(fault);
console.log(`${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
