import { readdirSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { type CollectedTest, collectTests } from './collected-tests.js';

/**
 * A test that lets the event loop turn so many times as often as without a mutant, and `moreTurns`, hangs: that counts the
 * test's own doing, however busy the machine is.
 */
const patienceFactor = 10;
const moreTurns = 10_000;

/** Of the process: a test may put the clock in its own hands. */
const { setImmediate, performance } = globalThis;

class Hanging extends Error {}

/**
 * Runs tests written for `node:test` in Stryker's process, again and again without starting another: a mutant takes as long
 * as the tests that reach it. Fit for tests that need nothing but themselves: no hooks, no servers.
 */
export class NodeTestRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);
  readonly #folders: readonly string[];
  readonly #mutants: InstrumenterContext;
  readonly #usualTurns = new Map<CollectedTest, number>();
  #tests: readonly CollectedTest[] | undefined;
  /** A callback that nothing awaits has thrown. */
  #onStray: (error: unknown) => void = () => {};

  constructor(options: StrykerOptions) {
    this.#folders = (options as unknown as { nodeTest: { folders: readonly string[] } }).nodeTest.folders;
    this.#mutants = {};
    Object.assign(globalThis, { __stryker__: this.#mutants });
  }

  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: false };
  }

  init(): Promise<void> {
    const standIn = new URL('./collected-tests.js', import.meta.url).href;
    register('./node-test-hook.js', import.meta.url, { data: { standIn } });
    process.on('uncaughtException', (error) => this.#onStray(error));
    process.on('unhandledRejection', () => {});
    return Promise.resolve();
  }

  async dryRun(_options: DryRunOptions): Promise<DryRunResult> {
    const result = await this.#run(await this.#load(), { isBailing: false });
    const { mutantCoverage } = this.#mutants;
    return result.status === DryRunStatus.Complete && mutantCoverage ? { ...result, mutantCoverage } : result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { testFilter, hitLimit, disableBail, mutantActivation, activeMutant } = options;
    if (mutantActivation === 'static') this.#mutants.activeMutant = activeMutant.id;
    const tests = await this.#load();
    this.#mutants.activeMutant = activeMutant.id;
    Object.assign(this.#mutants, { hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
    const chosen = testFilter === undefined ? tests : tests.filter((test) => testFilter.includes(idOf(test)));
    const result = await this.#run(chosen, { isBailing: !disableBail });
    const tooOften = determineHitLimitReached(this.#mutants.hitCount, hitLimit);
    await settle();
    return toMutantRunResult(tooOften ?? result);
  }

  async #load(): Promise<readonly CollectedTest[]> {
    if (this.#tests !== undefined) return this.#tests;
    const tests: CollectedTest[] = [];
    for (const folder of this.#folders) {
      for (const file of filesOf(folder)) tests.push(...(await collectTests(file, () => import(hrefOf(file)))));
    }
    this.#tests = tests;
    return tests;
  }

  async #run(tests: readonly CollectedTest[], { isBailing }: { readonly isBailing: boolean }): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const test of tests) {
      const id = idOf(test);
      this.#mutants.currentTestId = id;
      const startedAtMs = performance.now();
      const error = await this.#outcomeOf(test);
      const timeSpentMs = performance.now() - startedAtMs;
      if (error instanceof Hanging) return { status: DryRunStatus.Timeout, reason: `${id} hangs` };
      const common = { id, name: id, timeSpentMs };
      if (error === undefined) results.push({ ...common, status: TestStatus.Success });
      else results.push({ ...common, status: TestStatus.Failed, failureMessage: String(error) });
      if (error !== undefined && isBailing) break;
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  /** What the test failed with. */
  async #outcomeOf(test: CollectedTest): Promise<unknown> {
    let isOver = false;
    const disturbed = new Promise<never>((_, reject) => {
      this.#onStray = reject;
    });
    const over = Promise.race([test.run(), disturbed]).then(
      () => undefined,
      (error: unknown) => error ?? new Error('it threw nothing'),
    );
    over.then(() => {
      isOver = true;
    });
    const usualTurns = this.#usualTurns.get(test) ?? Number.POSITIVE_INFINITY;
    let turns = 0;
    for (; !isOver && turns <= patienceFactor * usualTurns + moreTurns; turns++) await turn();
    if (!isOver) return new Hanging();
    if (!this.#usualTurns.has(test)) this.#usualTurns.set(test, turns);
    this.#onStray = () => {};
    return over;
  }
}

const idOf = ({ file, name }: CollectedTest): string => `${file}: ${name}`;

const filesOf = (folder: string): string[] =>
  folder.endsWith('.ts')
    ? [folder]
    : readdirSync(folder)
        .filter((file) => file.endsWith('.test.ts'))
        .sort()
        .map((file) => `${folder}/${file}`);

const hrefOf = (file: string): string => pathToFileURL(resolve('dist', file.replace(/\.ts$/, '.js'))).href;

/** What a test that failed midway has left to be done is done before the next mutant is there. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'node-test', NodeTestRunner)];
