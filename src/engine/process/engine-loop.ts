import { FrameBuilder } from '../frames/frame-builder.js';
import { frameKind, wordsOf } from '../frames/frame-layout.js';
import type { LoadedModel, LoadOrder } from '../frames/load-order.js';
import { readTensors } from '../frames/tensor-reader.js';
import { readText, textFrame } from '../frames/text-frame.js';
import { type Answers, type Feeds, fromNative, type OpenSession, type Session, toNative } from './session.js';

const longestMessage = 8192;

export interface EngineLoopOptions {
  readonly openSession: OpenSession;
  /** The next frame, or undefined when the front process is gone. May block. */
  readonly next: () => Uint8Array | undefined;
  readonly write: (chunks: readonly Uint8Array[]) => void;
}

/** Answers frames, one after the other, until there are no more. */
export class EngineLoop {
  readonly #options: EngineLoopOptions;
  readonly #sessions = new Map<number, Session>();
  readonly #builder = new FrameBuilder();

  constructor(options: EngineLoopOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { next, write } = this.#options;
    for (let frame = next(); frame !== undefined; frame = next()) {
      const [, kind, session] = wordsOf(frame) as unknown as [number, number, number];
      if (kind === frameKind.unload) {
        this.#unload(session);
        continue;
      }
      let answer: readonly Uint8Array[];
      try {
        const coming = kind === frameKind.run ? this.#compute(session, frame) : this.#load(session, frame);
        // Native runs are synchronous: no detour over the microtasks for them.
        answer = coming instanceof Promise ? await coming : coming;
      } catch (error) {
        answer = [textFrame(frameKind.failed, session, messageOf(error))];
      }
      write(answer);
    }
  }

  async #load(number: number, frame: Uint8Array): Promise<readonly Uint8Array[]> {
    const session = await this.#options.openSession(JSON.parse(readText(frame)) as LoadOrder);
    this.#sessions.set(number, session);
    const { inputNames, outputNames } = session;
    return [textFrame(frameKind.loaded, number, JSON.stringify({ inputNames, outputNames } satisfies LoadedModel))];
  }

  #unload(number: number): void {
    this.#sessions.get(number)?.release();
    this.#sessions.delete(number);
  }

  #compute(number: number, frame: Uint8Array): readonly Uint8Array[] | Promise<readonly Uint8Array[]> {
    const session = this.#sessions.get(number);
    if (session === undefined) throw new Error(`no model is loaded as session ${number}`);
    const { extraWords: wanted, tensors } = readTensors(frame);
    const feeds: Feeds = {};
    for (const tensor of tensors) feeds[session.inputNames[tensor.index] as string] = toNative(tensor);
    const fetches: Record<string, null> = {};
    for (const index of wanted) fetches[session.outputNames[index] as string] = null;
    const startedAtMs = performance.now();
    const answers = session.run(feeds, fetches);
    const finish = (given: Answers): readonly Uint8Array[] =>
      this.#resultFrame(number, { session, wanted, given, computeMs: performance.now() - startedAtMs });
    return answers instanceof Promise ? answers.then(finish) : finish(answers);
  }

  #resultFrame(
    number: number,
    result: { session: Session; wanted: Uint32Array; given: Answers; computeMs: number },
  ): readonly Uint8Array[] {
    const nanoseconds = Math.round(result.computeMs * 1e6);
    const tensors = Array.from(result.wanted, (index) => {
      const name = result.session.outputNames[index] as string;
      const answer = result.given[name];
      if (answer === undefined) throw new Error(`the model gave no value for its output "${name}"`);
      const { dataType, shape, data } = fromNative(answer);
      return { index, dataType, shape, parts: [data] };
    });
    const extraWords = [nanoseconds % 2 ** 32, Math.floor(nanoseconds / 2 ** 32)];
    return this.#builder.build({ kind: frameKind.result, session: number, extraWords }, tensors);
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
