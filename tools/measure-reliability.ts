import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine/machine.js';
import { measureLightBesideFlooded, measureShares } from './reliability/fairness.js';
import { measureLargeBodies } from './reliability/large-bodies.js';
import { measureManyModels } from './reliability/many-models.js';
import { measureMisfortunes } from './reliability/misfortunes.js';
import { measureOverload } from './reliability/overload.js';
import { measureSwaps } from './reliability/swap.js';
import { measureUnloading } from './reliability/unload.js';

/**
 * Prints the tables of docs/reliability.md. Usage: measure-reliability.js [--seconds 60] [SECTION …], without sections
 * all of them.
 */
const sections: Readonly<Record<string, (seconds: number) => Promise<string>>> = {
  misfortunes: measureMisfortunes,
  swap: measureSwaps,
  unload: measureUnloading,
  'many-models': measureManyModels,
  overload: measureOverload,
  'large-bodies': measureLargeBodies,
  fairness: measureLightBesideFlooded,
  shares: measureShares,
};

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' } },
  allowPositionals: true,
});
const seconds = Number(values.seconds);
const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
if (!(seconds > 0) || chosen.some((name) => sections[name] === undefined)) {
  console.error(`Usage: measure-reliability.js [--seconds 60] [${Object.keys(sections).join(' | ')}] …`);
  process.exit(2);
}

for (const name of chosen) {
  const { processor, cores, memoryGiB, node, commit, measuredAt, loadAverage } = describeMachine();
  const machine = `${cores} cores of ${processor}, ${memoryGiB} GiB, Node ${node}; ${commit}, ${measuredAt}, load average before ${loadAverage}`;
  console.log(`\n## ${name}\n\n${machine}\n`);
  console.log(await sections[name]?.(seconds));
}
