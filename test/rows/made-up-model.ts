import { difference } from '../conformance/difference.js';
import type { Tensors } from '../conformance/tensors.js';
import { Random } from '../support/random.js';
import { InProcessEngine } from './in-process-engine.js';
import { joinRows, rowsIn, sizesBesideRows, sliceRows } from './row-axes.js';
import { type RowAxes, RowGraph } from './row-graph.js';
import type { RowKind } from './row-kind.js';

/** A request, and what the bare engine answers to it alone. */
export interface Question {
  readonly given: Tensors;
  readonly expected: Tensors;
}

/** Requests of more rows than are worth a run together: the first ones of a model. */
const largeQuestions = 2;
const fewestOfLarge = 64;

/** Rounding: runs of other sizes may add in another order. */
export const rowTolerance = { relative: 2e-3, absolute: 1e-4 };

export const differs = (actual: Tensors, expected: Tensors): string | undefined =>
  difference(actual, expected, () => rowTolerance);

/** A model of a kind, with requests. Release it. */
export class MadeUpModel {
  readonly kind: RowKind;
  readonly file: Uint8Array;
  readonly axes: RowAxes;
  readonly questions: readonly Question[];
  readonly #engine: InProcessEngine;

  private constructor(made: Pick<MadeUpModel, 'kind' | 'file' | 'axes' | 'questions'>, engine: InProcessEngine) {
    this.kind = made.kind;
    this.file = made.file;
    this.axes = made.axes;
    this.questions = made.questions;
    this.#engine = engine;
  }

  /** The same for the same arguments. */
  static async make(kind: RowKind, seed: number, count: number): Promise<MadeUpModel> {
    const random = new Random(seed);
    const graph = new RowGraph(seed);
    kind.build(graph, random);
    const file = graph.finish(kind.name, kind.opset);
    const engine = await InProcessEngine.load(file);
    const questions: Question[] = [];
    while (questions.length < count) {
      const isLarge = questions.length < largeQuestions;
      const given = graph.question(random, isLarge ? fewestOfLarge + random.integer(fewestOfLarge) : undefined);
      questions.push({ given, expected: await engine.run(given) });
    }
    return new MadeUpModel({ kind, file, axes: graph.rowAxes, questions }, engine);
  }

  /** Each row of the request as a request of its own. */
  async rowByRow({ given }: Question): Promise<Question[]> {
    const { inputs } = this.axes;
    const rows = Array.from({ length: rowsIn(given, inputs) }, (_, row) => sliceRows(given, inputs, row, row + 1));
    return Promise.all(rows.map(async (row) => ({ given: row, expected: await this.#engine.run(row) })));
  }

  /** Where the bare engine's answer to all requests in one run is not what each gets alone; undefined where nowhere. */
  async influence(): Promise<string | undefined> {
    for (const group of this.#ofOneSize()) {
      const sentence = await this.#together(group);
      if (sentence !== undefined) return sentence;
    }
    return undefined;
  }

  release(): Promise<void> {
    return this.#engine.release();
  }

  #ofOneSize(): Question[][] {
    const groups = new Map<string, Question[]>();
    for (const question of this.questions) {
      const sizes = sizesBesideRows(question.given, this.axes.inputs);
      groups.set(sizes, [...(groups.get(sizes) ?? []), question]);
    }
    return [...groups.values()];
  }

  async #together(questions: readonly Question[]): Promise<string | undefined> {
    const { inputs, outputs } = this.axes;
    const joined = joinRows(
      questions.map(({ given }) => given),
      inputs,
    );
    const answer = await this.#engine.run(joined).catch((error: Error) => error);
    if (answer instanceof Error) return answer.message;
    const rows = rowsIn(joined, inputs);
    for (const [name, { shape }] of Object.entries(answer)) {
      const axis = outputs.get(name);
      if (axis === undefined || shape[axis] !== rows) return `output "${name}" has no rows`;
    }
    let from = 0;
    for (const { given, expected } of questions) {
      const to = from + rowsIn(given, inputs);
      const sentence = differs(sliceRows(answer, outputs, from, to), expected);
      if (sentence !== undefined) return sentence;
      from = to;
    }
    return undefined;
  }
}
