import { createRequire } from 'node:module';
import type { Answers, Feeds, Fetches } from './session.js';

export interface ValueMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  /** onnx.TensorProto.DataType. */
  readonly type: number;
}

export interface NativeSession {
  loadModel(path: string, options: object): void;
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
  run(feeds: Feeds, fetches: Fetches, options: object): Answers;
  dispose(): void;
}

export interface NativeBinding {
  readonly InferenceSession: new () => NativeSession;
  initOrtOnce(logLevel: number, tensorConstructor: unknown, isMainThread: boolean): void;
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
