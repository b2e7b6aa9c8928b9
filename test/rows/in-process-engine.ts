import type { InferenceSession } from 'onnxruntime-node';
import type { Tensors } from '../conformance/tensors.js';
import { fromEngine, toEngine } from '../onnx/engine-tensors.js';

// Read when the engine is first imported.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession: Session } = await import('onnxruntime-node');

/** A session of the bare engine in this process: nothing of the server takes part in what it answers. */
export class InProcessEngine {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async load(file: Uint8Array): Promise<InProcessEngine> {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;
    return new InProcessEngine(await Session.create(file, options));
  }

  /** Rejects where the engine does. */
  async run(inputs: Tensors): Promise<Tensors> {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toEngine(tensor)]));
    const results = await this.#session.run(feeds);
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromEngine(name, tensor)]));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
