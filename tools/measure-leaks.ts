import { parseArgs } from 'node:util';
import { leaks, wear } from '../test/chaos/wear.js';

/**
 * Wears a server out by swaps, failed loads, unloading and killed processes, and says what is left in use of files, timers,
 * listeners, processes and memory. Exits with 1 where something leaks. Usage: measure-leaks.js [--rounds 200]
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('Usage: node dist/tools/measure-leaks.js [--rounds 200]');
  process.exit(2);
}

const found = await wear({
  firstRounds: 10,
  rounds,
  onRound: (round) => void (round % 20 === 0 && console.log(`${round} rounds`)),
});
console.table(found);
const lines = leaks(found, rounds);
console.log(lines.length === 0 ? 'Nothing leaks.' : lines.map((line) => `LEAKS ${line}`).join('\n'));
process.exitCode = lines.length === 0 ? 0 : 1;
