import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { modelSettingsParsers } from '../../../src/config/model-settings-texts.js';
import { FolderSource, type FolderSourceOptions } from '../../../src/sources/folder/folder-source.js';

/** A models folder whose time the test turns by hand. */
export class ModelFolderFixture {
  readonly directory: string;
  readonly problems: string[] = [];
  readonly notes: string[] = [];
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

  repository(options: Partial<FolderSourceOptions> = {}): FolderSource {
    const repository = new FolderSource({
      directory: this.directory,
      pollIntervalMs: 1000,
      settings: modelSettingsParsers,
      now: () => this.nowMs,
      onProblem: (problem) => this.problems.push(problem.replaceAll(this.directory, '~')),
      onNote: (note, model) => this.notes.push(model === undefined ? note : `${model}: ${note}`),
      ...options,
    });
    repository.onChange(() => this.changes++);
    return repository;
  }

  /** Scans again a poll later. */
  async later(repository: FolderSource, ms = 1000): Promise<void> {
    this.nowMs += ms;
    await repository.rescan();
  }

  /** What a new repository finds once everything has lain still for long. */
  async found(options: Partial<FolderSourceOptions> = {}): Promise<Record<string, string>> {
    this.nowMs += 60_000;
    const repository = this.repository(options);
    await repository.rescan();
    return this.summary(repository);
  }

  /** `1=1/model.onnx 2=…` and the problem in brackets, by model. */
  summary(repository: FolderSource): Record<string, string> {
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
