import { expectedFor, givenFor } from '../onnx/corpus-case.js';
import type { Verdict, Verdicts } from './case-result.js';
import type { ConformanceCase } from './corpus.js';
import { bfloat16Tolerance, difference, type Tolerance, usualTolerance } from './difference.js';
import { type Form, Rejection } from './form.js';
import type { ServedModel } from './served-model.js';
import { repeatRows, rowCount, type Tensors, takeRow } from './tensors.js';
import { askV1Columns, askV1Rows, asNested } from './v1-forms.js';
import { askV2Binary, askV2Json } from './v2-forms.js';

/** Requests sent at once, so that the server has something to put together. */
const mostRowsApart = 24;

interface Question {
  readonly model: ServedModel;
  readonly given: Tensors;
  readonly expected: Tensors;
  /** Length of the first axis that all inputs and outputs have in common, if there is one. */
  readonly rows: number | undefined;
}

/** Asks a served model for a case in every form that can say it. */
export async function tryCase(model: ServedModel, found: ConformanceCase): Promise<Verdicts> {
  const content = found.read();
  if (!content.isComplete) return { 'v2 JSON': { kind: 'unjudged', detail: 'the corpus has no inputs for it' } };
  try {
    const listed = new Set(model.signature.inputs.map(({ name }) => name));
    // The bare engine ignores inputs that a model does not have; the server would reject them.
    const given = givenFor(
      model.signature,
      content.inputs.filter(({ name }) => listed.has(name)),
    );
    const recorded = expectedFor(model.signature, content.expected);
    const answer = await answerOf(() => askV2Json(model, given));
    if ('kind' in answer) return { 'v2 JSON': answer };
    // Where nothing is recorded, the forms must at least agree with each other.
    const isRecorded = Object.keys(recorded).length > 0;
    const expected = isRecorded ? recorded : answer.outputs;
    const question = { model, given, expected, rows: commonRows(given, answer.outputs) };
    return {
      'v2 JSON': isRecorded
        ? compared(model, answer.outputs, expected)
        : { kind: 'unjudged', detail: 'the corpus has no answer to compare with' },
      'v2 binary': await judge(model, () => askV2Binary(model, given), expected),
      'v1 columns': await inColumns(question),
      'v1 rows': await inRows(question),
      ...(await inBatches(question)),
    };
  } catch (error) {
    return { 'v2 JSON': { kind: 'wrong', detail: messageOf(error) } };
  }
}

async function answerOf(ask: () => Promise<Tensors>): Promise<{ readonly outputs: Tensors } | Verdict> {
  try {
    return { outputs: await ask() };
  } catch (error) {
    return { kind: error instanceof Rejection ? 'rejected' : 'wrong', detail: messageOf(error) };
  }
}

async function judge(model: ServedModel, ask: () => Promise<Tensors>, expected: Tensors): Promise<Verdict> {
  const answer = await answerOf(ask);
  return 'kind' in answer ? answer : compared(model, answer.outputs, expected);
}

function compared({ signature }: ServedModel, actual: Tensors, expected: Tensors): Verdict {
  const toleranceOf = (name: string): Tolerance =>
    signature.outputs.some((spec) => spec.name === name && spec.modelDataType === 'BF16')
      ? bfloat16Tolerance
      : usualTolerance;
  const detail = difference(actual, expected, toleranceOf);
  return detail === undefined ? { kind: 'passed' } : { kind: 'wrong', detail };
}

function commonRows(given: Tensors, outputs: Tensors): number | undefined {
  const rows = rowCount(given);
  return rows !== 0 && rows === rowCount(outputs) ? rows : undefined;
}

const withoutRows: Verdict = { kind: 'left out', detail: 'inputs and outputs have no rows in common' };

async function inColumns({ model, given, expected }: Question): Promise<Verdict> {
  const verdict = await judge(model, () => askV1Columns(model, given), asNested(expected));
  const isTold = Object.values(given).every(({ shape }) => !shape.slice(0, -1).includes(0));
  if (isTold || verdict.kind !== 'rejected') return verdict;
  return { kind: 'left out', detail: 'nested JSON cannot tell the axes behind an empty one' };
}

async function inRows({ model, given, expected, rows }: Question): Promise<Verdict> {
  if (rows === undefined) return withoutRows;
  // Each row would be answered as if it were asked alone, which is another question than the recorded one.
  if (model.batching.kind === 'none') return { kind: 'left out', detail: model.batching.reason };
  return judge(model, () => askV1Rows(model, given), asNested(expected));
}

async function inBatches(question: Question): Promise<Verdicts> {
  const { model, given, expected, rows } = question;
  const both = (verdict: Verdict): Verdicts => ({ 'rows apart': verdict, 'rows repeated': verdict });
  if (model.batching.kind === 'none') return both({ kind: 'left out', detail: model.batching.reason });
  if (rows === undefined) return both(withoutRows);
  if (model.liesOnOtherAxes) {
    return both({ kind: 'left out', detail: 'rows lie along another axis than the first' });
  }
  const times = rows === 1 ? 3 : 2;
  return {
    'rows apart': await apart(question, rows, Math.min(rows * times, mostRowsApart)),
    'rows repeated': await judge(model, () => askV2Json(model, repeatRows(given, times)), repeatRows(expected, times)),
  };
}

/** Every row a request of its own, all at once, in both encodings by turns. */
async function apart({ model, given, expected }: Question, rows: number, requests: number): Promise<Verdict> {
  const forms: readonly Form[] = [askV2Json, askV2Binary];
  const verdicts = await Promise.all(
    Array.from({ length: requests }, (_, request) => {
      const row = request % rows;
      const ask = forms[request % forms.length] as Form;
      return judge(model, () => ask(model, takeRow(given, row)), takeRow(expected, row));
    }),
  );
  return verdicts.find(({ kind }) => kind !== 'passed') ?? { kind: 'passed' };
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
}
