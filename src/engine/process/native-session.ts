import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LoadOrder } from '../frames/engine-frames.js';
import { openUnchanged, type SharedExternalData } from './open-unchanged.js';
import type { Feeds, Fetches, NativeTensor, OpenSession, Outputs, Session } from './session.js';
import { isLoadedAsBytes, sessionOptions } from './session-options.js';

interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  /** onnx.TensorProto.DataType. */
  readonly type: number;
}

interface NativeSession {
  loadModel(path: string, options: object): void;
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(feeds: Feeds, fetches: Fetches, options: object): Outputs;
  dispose(): void;
}

export interface NativeBinding {
  readonly InferenceSession: new () => NativeSession;
  initOrtOnce(logLevel: number, tensorConstructor: unknown, isMainThread: boolean): void;
}

const errorsOnly = 3;
/** Of onnx.TensorProto.DataType: FLOAT (1) to UINT64 (13). Others abort the process at the first run. */
const lastServableType = 13;

/** Made by the binding for every output; a class that keeps 16-bit floats as they are, in any version of Node. */
class RawTensor implements NativeTensor {
  constructor(
    readonly type: string,
    readonly data: NativeTensor['data'],
    readonly dims: readonly number[],
  ) {}
}

/** Sessions that run synchronously, over the binding itself. Once a process. */
export function nativeSessions(binding: NativeBinding): OpenSession {
  binding.initOrtOnce(errorsOnly, RawTensor, true);
  return (order) => openUnchanged(order, (weights) => openNativeSession(binding, order, weights));
}

function openNativeSession(binding: NativeBinding, order: LoadOrder, weights?: SharedExternalData): Session {
  const session = new binding.InferenceSession();
  const options = sessionOptions(order, weights);
  if (isLoadedAsBytes(order)) {
    const { buffer, byteOffset, byteLength } = readFileSync(order.modelPath);
    session.loadModel(buffer, byteOffset, byteLength, options);
  } else session.loadModel(order.modelPath, options);
  const { inputMetadata, outputMetadata } = session;
  rejectUnservable('input', inputMetadata);
  rejectUnservable('output', outputMetadata);
  const runOptions = {};
  return {
    inputNames: inputMetadata.map(({ name }) => name),
    outputNames: outputMetadata.map(({ name }) => name),
    run: (feeds, fetches) => session.run(feeds, fetches, runOptions),
    release: () => session.dispose(),
  };
}

function rejectUnservable(role: string, values: readonly ValueMetadata[]): void {
  const bad = values.find(({ isTensor, type }) => isTensor && (type < 1 || type > lastServableType));
  if (bad === undefined) return;
  throw new Error(
    `the ${role} "${bad.name}" has ONNX element type ${bad.type}, which onnxruntime-node cannot exchange; cast it inside the model`,
  );
}

/**
 * onnxruntime-node's own binding, which runs synchronously: a third less work for a small model than the public
 * API, which goes around the event loop. It is not public, so undefined when this version does not have it.
 */
export function findNativeBinding(): NativeBinding | undefined {
  try {
    const { binding } = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as { binding?: unknown };
    return isBinding(binding) ? binding : undefined;
  } catch {
    return undefined;
  }
}

function isBinding(candidate: unknown): candidate is NativeBinding {
  const { InferenceSession, initOrtOnce } = (candidate ?? {}) as Partial<NativeBinding>;
  const methods = (InferenceSession?.prototype ?? {}) as Partial<NativeSession>;
  return (
    typeof initOrtOnce === 'function' &&
    typeof methods.loadModel === 'function' &&
    typeof methods.run === 'function' &&
    typeof methods.dispose === 'function'
  );
}
