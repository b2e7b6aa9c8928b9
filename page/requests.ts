import { widthOf } from './form.js';
import type { TensorFacts } from './model-facts.js';
import type { Request } from './wire.js';

/** Labels that are asked for, where a task has them. */
const labelsShown = 10;

const predictPath = (model: string): string => `v1/models/${encodeURIComponent(model)}/predict`;

/** A request in JSON, which may be no JSON: the server says what is wrong with it. */
export const jsonRequest = (model: string, body: string): Request => ({
  path: predictPath(model),
  contentType: 'application/json',
  body,
});

export interface Texts {
  readonly task: string | undefined;
  /** The input's name in the graph, where there is no task. */
  readonly text: string;
  /** Compared with the text: a pair, or the documents of a query, a line each. */
  readonly second: string;
}

export function textRequest(model: string, { task, text, second }: Texts): Request {
  const lines = second.split('\n').filter((line) => line.trim() !== '');
  if (task === 'rerank') {
    const instances = (lines.length === 0 ? [''] : lines).map((line) => ({ text, text_pair: line }));
    return jsonRequest(model, JSON.stringify({ instances }));
  }
  if (task === 'text-embedding') {
    return jsonRequest(model, JSON.stringify({ instances: second === '' ? [text] : [text, second] }));
  }
  const instances = [second === '' ? text : { text, text_pair: second }];
  const parameters = parametersOf(task);
  return jsonRequest(model, JSON.stringify({ instances, ...(parameters && { parameters }) }));
}

function parametersOf(task: string | undefined): object | undefined {
  if (task === 'text-classification') return { top_k: labelsShown };
  if (task === 'token-classification') return { aggregation_strategy: 'simple', offsets: 'utf16' };
  return undefined;
}

export const pictureRequest = (model: string, task: string, picture: Blob): Request => ({
  path: predictPath(model),
  contentType: picture.type,
  body: picture,
  ...(task === 'image-classification' && { fields: { top_k: String(labelsShown) } }),
});

/** What was typed for each position of each input. */
export type Fields = Readonly<Record<string, readonly string[]>>;

/** One row. What is no number is sent as it was typed, so that the server says what it expects. */
export function fieldsRequest(model: string, inputs: readonly TensorFacts[], fields: Fields): Request {
  const rows = inputs.map((input) => [input.name, rowOf(input, fields[input.name] ?? [])] as const);
  const [first] = rows;
  const instance = rows.length === 1 && first !== undefined ? first[1] : Object.fromEntries(rows);
  return jsonRequest(model, JSON.stringify({ instances: [instance] }));
}

function rowOf(input: TensorFacts, typed: readonly string[]): unknown {
  const values = Array.from({ length: widthOf(input) ?? 0 }, (_, at) => typedValue(input, typed[at] ?? ''));
  return input.shape?.length === 1 ? values[0] : values;
}

function typedValue({ kind }: TensorFacts, typed: string): unknown {
  const text = typed.trim();
  if (kind === 'text') return typed;
  if (kind === 'truth') return text === 'true';
  return text === '' || Number.isNaN(Number(text)) ? typed : Number(text);
}

/** The row of a drawing: as many lists as the input has. `ink`: 0 to 1, row by row. */
export function padRequest(model: string, { shape }: TensorFacts, ink: readonly number[], most: number): Request {
  const side = Math.round(Math.sqrt(ink.length));
  const rows = Array.from({ length: side }, (_, row) =>
    ink.slice(row * side, (row + 1) * side).map((value) => Math.round(value * most * 1000) / 1000),
  );
  return jsonRequest(model, JSON.stringify({ instances: [shape?.length === 4 ? [rows] : rows] }));
}
