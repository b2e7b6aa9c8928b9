import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadOrder } from '../frames/engine-frames.js';
import { openUnchanged, type SharedExternalData } from './open-unchanged.js';
import type { OpenSession, Outputs, Session } from './session.js';
import { isLoadedAsBytes, sessionOptions } from './session-options.js';

/** Sessions over onnxruntime-node's public API: slower, for versions whose binding is not known. */
export async function publicSessions(): Promise<OpenSession> {
  const ort = await import('onnxruntime-node');
  ort.env.logLevel = 'error';
  const open = async (order: LoadOrder, weights?: SharedExternalData): Promise<Session> => {
    const options = sessionOptions(order, weights);
    const session: InferenceSession = isLoadedAsBytes(order)
      ? await ort.InferenceSession.create(readFileSync(order.modelPath), options)
      : await ort.InferenceSession.create(order.modelPath, options);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      // The backend reads type, data, dims and location alone, so plain objects stand in for its own tensor class.
      run: (feeds, fetches) =>
        session.run(feeds as unknown as InferenceSession.FeedsType, fetches) as unknown as Promise<Outputs>,
      release: () => void session.release(),
    };
  };
  return (order) => openUnchanged(order, (weights) => open(order, weights));
}
