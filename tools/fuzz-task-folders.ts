import { parseArgs } from 'node:util';
import { fuzzTaskFolders } from '../test/hostile/fuzz-task-folders.js';

/**
 * Puts folders of models whose tokenizer or configuration is damaged beside models that work. Prints what was not as it should
 * be; exits with 1 where something was not. Usage: npm run fuzz:folders -- [--folders 2000] [--seed N]
 */
const { values } = parseArgs({
  options: {
    folders: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const [folders, seed] = [Number(values.folders), Number(values.seed)];
console.log(`${folders} folders, seed ${seed}`);
const report = await fuzzTaskFolders({
  folders,
  seed,
  onProgress: (done, { length }) => {
    if (done % 200 === 0) console.log(`${done} folders, ${length} faults`);
  },
});
const { faults, internalErrors, good, isAlive, ...counts } = report;
console.log(JSON.stringify({ ...counts, asked: good.asked }));
const broken = [...faults, ...internalErrors, ...good.wrong, ...(isAlive ? [] : ['the server ended'])];
for (const fault of broken) console.log(fault);
process.exitCode = broken.length === 0 ? 0 : 1;
