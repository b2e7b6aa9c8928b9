import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseModelConfig } from '../../src/config/model-config-schema.js';
import { ModelRepository, type ModelRepositoryOptions } from '../../src/repository/model-repository.js';

/** A models folder whose time the test turns by hand. */
export class ModelFolderFixture {
  readonly directory: string;
  readonly problems: string[] = [];
  /** Begins with the real time, which new files are dated by. */
  nowMs = Date.now();
  changes = 0;

  constructor(context: TestContext) {
    this.directory = mkdtempSync(join(tmpdir(), 'slipway-models-'));
    context.after(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string | Uint8Array = name): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  link(name: string, target: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    symlinkSync(target, this.path(name));
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true });
  }

  /** Gives a file or folder a date, as tools do that keep the original's. */
  date(name: string, date: Date): void {
    utimesSync(this.path(name), date, date);
  }

  repository(options: Partial<ModelRepositoryOptions> = {}): ModelRepository {
    const repository = new ModelRepository({
      directory: this.directory,
      pollIntervalMs: 1000,
      parseModelConfig,
      now: () => this.nowMs,
      onProblem: (problem) => this.problems.push(problem.replaceAll(this.directory, '~')),
      ...options,
    });
    repository.onChange(() => this.changes++);
    return repository;
  }

  /** Looks again a poll later. */
  async later(repository: ModelRepository, ms = 1000): Promise<void> {
    this.nowMs += ms;
    await repository.rescan();
  }

  /** What a new repository finds once everything has lain still for long. */
  async found(options: Partial<ModelRepositoryOptions> = {}): Promise<Record<string, string>> {
    this.nowMs += 60_000;
    const repository = this.repository(options);
    await repository.rescan();
    return this.summary(repository);
  }

  /** `1=1/model.onnx 2=…` and the problem in brackets, by model. */
  summary(repository: ModelRepository): Record<string, string> {
    return Object.fromEntries(
      [...repository.models.values()].map(({ name, versions, problem }) => [
        name,
        [
          ...versions.map(({ id, modelPath }) => `${id.version}=${modelPath.slice(this.directory.length + 1)}`),
          ...(problem === undefined ? [] : [`[${problem}]`]),
        ].join(' '),
      ]),
    );
  }
}
