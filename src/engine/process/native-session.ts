import { readFileSync } from 'node:fs';
import type { LoadOrder } from '../frames/load-order.js';
import type { NativeBinding, ValueMetadata } from './native-binding.js';
import { openUnchanged } from './open-unchanged.js';
import type { NativeTensor, OpenSession, Session } from './session.js';
import { isLoadedAsBytes, sessionOptions } from './session-options.js';

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
  const opener = {
    open: (order: LoadOrder, weights?: Uint8Array) => openNativeSession(binding, order, weights),
    release: (session: Session) => session.release(),
  };
  return (order) => openUnchanged(order, opener);
}

function openNativeSession(binding: NativeBinding, order: LoadOrder, weights?: Uint8Array): Session {
  const session = new binding.InferenceSession();
  const options = sessionOptions(order, weights);
  if (isLoadedAsBytes(order)) {
    const { buffer, byteOffset, byteLength } = readFileSync(order.modelPath);
    session.loadModel(buffer, byteOffset, byteLength, options);
  } else session.loadModel(order.modelPath, options);
  const { inputMetadata, outputMetadata } = session;
  refuseUnservable('input', inputMetadata);
  refuseUnservable('output', outputMetadata);
  const runOptions = {};
  return {
    inputNames: inputMetadata.map(({ name }) => name),
    outputNames: outputMetadata.map(({ name }) => name),
    run: (feeds, fetches) => session.run(feeds, fetches, runOptions),
    release: () => session.dispose(),
  };
}

function refuseUnservable(role: string, values: readonly ValueMetadata[]): void {
  const bad = values.find(({ isTensor, type }) => isTensor && (type < 1 || type > lastServableType));
  if (bad === undefined) return;
  throw new Error(
    `the ${role} "${bad.name}" has ONNX element type ${bad.type}, which onnxruntime-node cannot exchange; cast it inside the model`,
  );
}
