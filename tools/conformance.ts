import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { complaintOf, isFailure } from '../test/conformance/case-result.js';
import { readCorpus } from '../test/conformance/corpus.js';
import { conformanceReport, exceptionsOf } from '../test/conformance/report.js';
import { serveInTurn } from '../test/conformance/serve-in-turn.js';
import { corpusDirectory } from '../test/support/model-paths.js';
import { withGeneratedPart } from './generated-part.js';
import { projectRoot } from './project-root.js';

/**
 * Serves every model of the corpus through the real HTTP server and compares the answers. A run of all cases goes into
 * docs/conformance.md, and what did not pass into docs/conformance/results.json. Exits with 1 where something that has to pass does not.
 */
const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    only: { type: 'string' },
    'models-per-server': { type: 'string', default: '64' },
  },
});

const directory = values.corpus === undefined ? corpusDirectory() : resolve(values.corpus);
if (directory === undefined) {
  console.error('the corpus is not here: expected it at ../shared/corpus; say where it is with --corpus DIR');
  process.exit(2);
}
const only = new RegExp(values.only ?? '');
const cases = readCorpus(directory).filter(({ suite, id }) => only.test(`${suite}/${id}`));
const findings = await serveInTurn(cases, {
  modelsPerServer: Number(values['models-per-server']),
  onProgress: (done) => console.error(`${done} of ${cases.length} cases`),
});
const report = conformanceReport(findings);
console.log(report);
for (const death of findings.engineDeaths) console.error(death);
if (values.corpus === undefined && values.only === undefined) writeDocument(report);

const failures = findings.results.filter(isFailure);
for (const result of failures) console.error(`${result.suite}/${result.id}: ${complaintOf(result)}`);
process.exitCode = failures.length > 0 || findings.lostWorkers > 0 ? 1 : 0;

function writeDocument(generated: string): void {
  const path = join(projectRoot(), 'docs', 'conformance.md');
  writeFileSync(path, withGeneratedPart(readFileSync(path, 'utf8'), generated));
  const exceptions = exceptionsOf(findings.results);
  mkdirSync(join(projectRoot(), 'docs', 'conformance'), { recursive: true });
  writeFileSync(
    join(projectRoot(), 'docs', 'conformance', 'results.json'),
    `${JSON.stringify(exceptions, undefined, 2)}\n`,
  );
}
