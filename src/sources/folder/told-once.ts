import type { FoundModel } from '../../core/model-source.js';

export interface Hearers {
  /** Hears once of everything that no model has as its problem, and again after it had gone. */
  readonly onProblem?: (problem: string) => void;
  /** The same of what is no problem but good to know, of the folder and of the `notes` of the models in it. */
  readonly onNote?: (note: string, model?: string) => void;
}

/** Tells of what every scan finds anew only when it was not there at the scan before. */
export class ToldOnce {
  readonly #hearers: Hearers;
  #problems: ReadonlySet<string> = new Set();
  #notes: ReadonlySet<string> = new Set();

  constructor(hearers: Hearers) {
    this.#hearers = hearers;
  }

  problems(problems: readonly string[]): void {
    const added = problems.filter((problem) => !this.#problems.has(problem));
    this.#problems = new Set(problems);
    for (const problem of added) this.#hearers.onProblem?.(problem);
  }

  /** Beside those that stand. */
  anotherProblem(problem: string): void {
    this.problems([...this.#problems, problem]);
  }

  notes(general: readonly string[], models: Iterable<FoundModel>): void {
    const notes = new Set<string>();
    const add = (note: string, model?: string): void => {
      const key = `${model ?? ''}\n${note}`;
      if (!this.#notes.has(key)) this.#hearers.onNote?.(note, model);
      notes.add(key);
    };
    for (const note of general) add(note);
    for (const { name, notes: own = [] } of models) for (const note of own) add(note, name);
    this.#notes = notes;
  }
}
