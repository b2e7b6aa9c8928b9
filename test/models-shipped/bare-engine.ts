import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { SampleTensor } from './shipped-models.js';

// Read when the engine is first imported.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession: Session, Tensor: EngineTensor } = await import('onnxruntime-node');

export type Outputs = Readonly<Record<string, Tensor>>;

/** A shipped model in a bare onnxruntime session of this process: nothing of the server takes part. */
export class BareEngine {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async load(path: string): Promise<BareEngine> {
    return new BareEngine(await Session.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 }));
  }

  /** Every input's and output's dimensions, by name; a free one is given by its name. */
  get shapes(): Record<string, readonly (number | string)[]> {
    const metadata = [...this.#session.inputMetadata, ...this.#session.outputMetadata];
    return Object.fromEntries(metadata.map((value) => [value.name, value.isTensor ? value.shape : []]));
  }

  run(inputs: readonly SampleTensor[]): Promise<Outputs> {
    return this.#session.run(Object.fromEntries(inputs.map((input) => [input.name, toEngine(input)])));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Rows `from` (inclusive) to `to` (exclusive). */
export function sliceRows(tensor: SampleTensor, from: number, to: number): SampleTensor {
  const [rows = 0, ...rest] = tensor.shape;
  const width = tensor.data.length / rows;
  return { ...tensor, shape: [to - from, ...rest], data: tensor.data.slice(from * width, to * width) };
}

function toEngine({ datatype, shape, data }: SampleTensor): Tensor {
  if (datatype === 'BYTES') return new EngineTensor('string', data.map(String), shape);
  if (datatype === 'INT64') return new EngineTensor('int64', BigInt64Array.from(data, BigInt), shape);
  return new EngineTensor('float32', Float32Array.from(data, Number), shape);
}
