import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadOrder } from '../frames/load-order.js';
import { openUnchanged } from './open-unchanged.js';
import type { Answers, OpenSession } from './session.js';
import { isLoadedAsBytes, sessionOptions } from './session-options.js';

/** Sessions over onnxruntime-node's public API: slower, for versions whose binding is not known. */
export async function publicSessions(): Promise<OpenSession> {
  const ort = await import('onnxruntime-node');
  ort.env.logLevel = 'error';
  const opener = {
    open: (order: LoadOrder, weights?: Uint8Array): Promise<InferenceSession> => {
      const options = sessionOptions(order, weights);
      return isLoadedAsBytes(order)
        ? ort.InferenceSession.create(readFileSync(order.modelPath), options)
        : ort.InferenceSession.create(order.modelPath, options);
    },
    release: (session: InferenceSession) => void session.release(),
  };
  return async (order) => {
    const session = await openUnchanged(order, opener);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      // The backend reads type, data, dims and location alone, so plain objects stand in for its own tensor class.
      run: (feeds, fetches) =>
        session.run(feeds as unknown as InferenceSession.FeedsType, fetches) as unknown as Promise<Answers>,
      release: () => opener.release(session),
    };
  };
}
