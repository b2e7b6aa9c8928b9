import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { Answers, OpenSession } from './session.js';
import { isLoadedAsBytes, sessionOptions } from './session-options.js';

/** Sessions over onnxruntime-node's public API: slower, for versions whose binding is not known. */
export async function publicSessions(): Promise<OpenSession> {
  const ort = await import('onnxruntime-node');
  ort.env.logLevel = 'error';
  return async (order) => {
    const options = sessionOptions(order);
    const session = isLoadedAsBytes(order)
      ? await ort.InferenceSession.create(readFileSync(order.modelPath), options)
      : await ort.InferenceSession.create(order.modelPath, options);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      // The backend reads type, data, dims and location alone, so plain objects stand in for its own tensor class.
      run: (feeds, fetches) =>
        session.run(feeds as unknown as InferenceSession.FeedsType, fetches) as unknown as Promise<Answers>,
      release: () => void session.release(),
    };
  };
}
