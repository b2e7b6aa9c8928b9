import { dataBytes, type TensorData } from '../../core/tensor.js';
import { readText, textFrame } from '../../processes/frames/frames.js';
import type { Program } from '../../processes/program.js';
import { frameKind, type LoadedModel, type LoadOrder } from '../frames/engine-frames.js';
import { FrameBuilder, readTensors } from '../frames/tensor-frames.js';
import { FilesAway, FilesChanged } from './original-files.js';
import { type Feeds, fromNative, type OpenSession, type Outputs, type Session, toNative } from './session.js';

type Response = readonly Uint8Array[];

const longestMessage = 8192;

/** Loads models and computes batches, each tenant a session of its own. */
export class EngineProgram implements Program {
  readonly #openSession: OpenSession;
  readonly #sessions = new Map<number, Session>();
  readonly #largestResponseBytes = new Map<number, number>();
  readonly #builder = new FrameBuilder();

  constructor(openSession: OpenSession) {
    this.#openSession = openSession;
  }

  respond(frame: Uint8Array, kind: number, tenant: number): Response | Promise<Response> {
    return kind === frameKind.run ? this.#compute(tenant, frame) : this.#load(tenant, frame);
  }

  failure(error: unknown, tenant: number): Response {
    if (error instanceof FilesAway) return [textFrame(frameKind.away, tenant, error.message)];
    const change = error instanceof FilesChanged ? error : this.#changeUnder(tenant);
    if (change !== undefined) return [textFrame(frameKind.changed, tenant, change.message)];
    return [textFrame(frameKind.failed, tenant, messageOf(error))];
  }

  leave(tenant: number): void {
    this.#sessions.get(tenant)?.release();
    this.#sessions.delete(tenant);
    this.#largestResponseBytes.delete(tenant);
  }

  async #load(number: number, frame: Uint8Array): Promise<Response> {
    const order = JSON.parse(readText(frame)) as LoadOrder;
    const session = await this.#openSession(order);
    this.#sessions.set(number, session);
    this.#largestResponseBytes.set(number, order.largestResponseBytes);
    const { inputNames, outputNames } = session;
    return [textFrame(frameKind.loaded, number, JSON.stringify({ inputNames, outputNames } satisfies LoadedModel))];
  }

  #compute(number: number, frame: Uint8Array): Response | Promise<Response> {
    const session = this.#sessions.get(number);
    if (session === undefined) throw new Error(`no model is loaded as session ${number}`);
    const { extraWords: wanted, tensors } = readTensors(frame);
    const feeds: Feeds = {};
    for (const tensor of tensors) feeds[session.inputNames[tensor.index] as string] = toNative(tensor);
    const fetches: Record<string, null> = {};
    for (const index of wanted) fetches[session.outputNames[index] as string] = null;
    session.requireUnchanged?.();
    const startedAtMs = performance.now();
    const running = session.run(feeds, fetches);
    const finish = (given: Outputs): Response => {
      const computeMs = performance.now() - startedAtMs;
      // Whatever the run read of its files, it read before now.
      session.requireUnchanged?.();
      return this.#resultFrame(number, { session, wanted, given, computeMs });
    };
    return running instanceof Promise ? running.then(finish) : finish(running);
  }

  /** A run may fail for what a file has become meanwhile. */
  #changeUnder(number: number): FilesChanged | undefined {
    try {
      this.#sessions.get(number)?.requireUnchanged?.();
      return undefined;
    } catch (error) {
      return error as FilesChanged;
    }
  }

  #resultFrame(
    number: number,
    result: { session: Session; wanted: Uint32Array; given: Outputs; computeMs: number },
  ): Response {
    const nanoseconds = Math.round(result.computeMs * 1e6);
    const tensors = Array.from(result.wanted, (index) => {
      const name = result.session.outputNames[index] as string;
      const output = result.given[name];
      if (output === undefined) throw new Error(`the model gave no value for its output "${name}"`);
      const { dataType, shape, data } = fromNative(output);
      return { index, dataType, shape, parts: [data] };
    });
    const bytes = tensors.reduce((sum, { parts: [data] }) => sum + dataBytes(data as TensorData), 0);
    if (bytes > (this.#largestResponseBytes.get(number) as number))
      return [textFrame(frameKind.oversized, number, String(bytes))];
    const extraWords = [nanoseconds % 2 ** 32, Math.floor(nanoseconds / 2 ** 32)];
    return this.#builder.build({ kind: frameKind.result, tenant: number, extraWords }, tensors);
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
