/** `npm run bench`; see the help. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withGeneratedPart } from '../tools/generated-part.js';
import { projectRoot } from '../tools/project-root.js';
import { LoadGenerator } from './load/load-generator.js';
import { planCores } from './machine/cores.js';
import { describeMachine } from './machine/machine.js';
import { help, readOptions } from './options.js';
import { charts } from './report/charts.js';
import { reportPage } from './report/report-page.js';
import { measureSection, type Results, type SectionResult, withOtherWorkloads } from './sections/sections.js';

const docs = join(projectRoot(), 'docs');
const resultsFile = join(docs, 'benchmarks/results.json');

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.log(help);
  process.exit(0);
}

const cores = planCores();
const generator = new LoadGenerator(cores.generator);
const { quick, rounds, workloads, targets } = options;
const context = {
  cores,
  generator,
  quick,
  rounds,
  workloads,
  targets,
  say: (text: string) => console.error(`· ${text}`),
};

let results: Results =
  quick || !existsSync(resultsFile) ? {} : (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results);
try {
  for (const name of options.sections) {
    const result = await measureSection(name, context, describeMachine());
    const isServing = name === 'serving';
    const whole = isServing ? withOtherWorkloads(result as SectionResult<'serving'>, results.serving) : result;
    results = { ...results, [name]: whole };
    if (!quick) write(results);
  }
} finally {
  generator.stop();
}
console.log(reportPage(results));

/** After each section: an hour's work is not lost to what fails in the last minute. */
function write(current: Results): void {
  mkdirSync(join(docs, 'benchmarks'), { recursive: true });
  writeFileSync(resultsFile, `${JSON.stringify(current, undefined, 1)}\n`);
  for (const [file, svg] of Object.entries(charts(current))) writeFileSync(join(docs, 'benchmarks', file), svg);
  const page = join(docs, 'benchmarks.md');
  writeFileSync(page, withGeneratedPart(readFileSync(page, 'utf8'), reportPage(current)));
}
