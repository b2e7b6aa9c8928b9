import type { Batch, BatchResult } from '../core/inference-engine.js';
import { invalidArgument, responseTooLarge } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import { readText, wordsOf } from '../processes/frames/frames.js';
import type { TenantProtocol } from '../processes/tenant.js';
import { FilesChangedError, filesAway, loadError, runError } from './engine-message.js';
import { frameKind, type LoadedModel, type LoadOrder } from './frames/engine-frames.js';
import { type FrameBuilder, type FrameTensor, readTensors } from './frames/tensor-frames.js';

/** What the engine process says to a load order; throws a ServingError that says why it did not load the model. */
export function readLoaded(frame: Uint8Array, order: LoadOrder): LoadedModel {
  const kind = wordsOf(frame)[1];
  if (kind === frameKind.changed) throw new FilesChangedError(readText(frame));
  if (kind === frameKind.away) throw filesAway(readText(frame));
  if (kind === frameKind.failed) throw loadError(readText(frame), order);
  return JSON.parse(readText(frame)) as LoadedModel;
}

/** Batches to one model in one engine process, and their results, as frames. */
export class SessionProtocol implements TenantProtocol<Batch, BatchResult, FrameBuilder> {
  readonly #order: LoadOrder;
  readonly #outputNames: readonly string[];
  readonly #inputs: ReadonlyMap<string, number>;
  readonly #outputs: ReadonlyMap<string, number>;

  constructor(order: LoadOrder, { inputNames, outputNames }: LoadedModel) {
    this.#order = order;
    this.#outputNames = outputNames;
    this.#inputs = positions(inputNames);
    this.#outputs = positions(outputNames);
  }

  write({ inputs, outputs }: Batch, tenant: number, builder: FrameBuilder): readonly Uint8Array[] {
    const tensors = new Array<FrameTensor>(inputs.length);
    for (let at = 0; at < tensors.length; at++) {
      const { name, dataType, shape, parts } = inputs[at] as Batch['inputs'][number];
      const index = this.#inputs.get(name) ?? unknown('input', this.#inputs, name);
      tensors[at] = { index, dataType, shape, parts };
    }
    const extraWords = new Array<number>(outputs.length);
    for (let at = 0; at < extraWords.length; at++) {
      const name = outputs[at] as string;
      extraWords[at] = this.#outputs.get(name) ?? unknown('output', this.#outputs, name);
    }
    return builder.build({ kind: frameKind.run, tenant, extraWords }, tensors);
  }

  read(frame: Uint8Array): BatchResult {
    const kind = wordsOf(frame)[1];
    if (kind !== frameKind.result) throw this.#errorOf(kind, readText(frame));
    const { extraWords, tensors } = readTensors(frame);
    const [low = 0, high = 0] = extraWords;
    const outputs = new Array<NamedTensor>(tensors.length);
    for (let at = 0; at < outputs.length; at++) {
      const { index, dataType, shape, data } = tensors[at] as (typeof tensors)[number];
      outputs[at] = { name: this.#outputNames[index] as string, dataType, shape, data };
    }
    return { outputs, computeMs: (low + high * 2 ** 32) / 1e6 };
  }

  #errorOf(kind: number | undefined, text: string): Error {
    if (kind === frameKind.changed) return new FilesChangedError(text);
    if (kind === frameKind.oversized)
      return responseTooLarge(`its tensors are ${text} bytes`, this.#order.largestResponseBytes);
    return runError(text, this.#order);
  }
}

const positions = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index]));

function unknown(role: string, known: ReadonlyMap<string, number>, name: string): never {
  throw invalidArgument(`the model has no ${role} "${name}"; it has ${[...known.keys()].join(', ')}`);
}
