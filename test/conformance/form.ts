import type { ServedModel } from './served-model.js';
import type { Tensors } from './tensors.js';

/** A way to ask a model over HTTP. */
export type Form = (model: ServedModel, inputs: Tensors) => Promise<Tensors>;

/** The server answered with an error. */
export class Rejection extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Longer than the server lets a run take. */
const patienceMs = 120_000;

/** Rejects with a Rejection unless the status is 200. */
export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly headers: Headers; readonly bytes: Buffer }> {
  const init = { method: 'POST', body, headers, signal: AbortSignal.timeout(patienceMs) };
  const response = await fetch(url, init as RequestInit);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Rejection(response.status, messageIn(bytes.toString()));
  return { headers: response.headers, bytes };
}

function messageIn(text: string): string {
  const { error } = JSON.parse(text) as { error?: unknown };
  if (typeof error === 'string' && error !== '') return error;
  throw new Error(`an error without a message: ${text}`);
}
