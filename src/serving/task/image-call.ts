import { hasRows } from '../../core/batch-axes.js';
import type { InferenceRequest, InferenceTimings } from '../../core/inference.js';
import type { PreparedImage } from '../../core/preparation.js';
import type { Inference, Servable } from '../../core/servable.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import type { ImageHeadCall } from '../../tasks/image/image-head.js';
import { readImageRequest } from './image-request.js';
import type { ImageTaskParts } from './image-task.js';

/** Pictures of one request that are prepared and run at a time: others have their turn between them. */
const mostAtOnce = 16;

/** What one picture came to. */
interface Answered {
  readonly row: unknown;
  readonly inference: Inference;
  readonly prepareMs: number;
}

/** One request to a task that takes pictures: each picture is prepared, run and answered by itself, beside everybody's. */
export class ImageCall {
  readonly #inner: Servable;
  readonly #parts: ImageTaskParts;
  readonly #request: InferenceRequest;

  constructor(inner: Servable, parts: ImageTaskParts, request: InferenceRequest) {
    this.#inner = inner;
    this.#parts = parts;
    this.#request = request;
  }

  async run(): Promise<Inference> {
    const { parameters = {}, outputs: wanted } = this.#request;
    const call = this.#parts.head.begin(parameters);
    const pictures = readImageRequest(this.#request);
    const answered: Answered[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < pictures.length; index = next++)
        answered[index] = await this.#inferOne(pictures[index] as Uint8Array, index, call);
    };
    await Promise.all(Array.from({ length: Math.min(mostAtOnce, pictures.length) }, work));
    const outputs = call.outputsOf(answered.map(({ row }) => row));
    const most = (key: keyof InferenceTimings) =>
      Math.max(...answered.map(({ inference }) => inference.timings[key] ?? 0));
    return {
      outputs: wanted === undefined ? outputs : outputs.filter(({ name }) => wanted.includes(name)),
      rows: pictures.length,
      batchRows: Math.max(...answered.map(({ inference }) => inference.batchRows)),
      timings: {
        queueMs: most('queueMs'),
        batchMs: most('batchMs'),
        computeMs: most('computeMs'),
        prepareMs: Math.max(...answered.map(({ prepareMs }) => prepareMs)),
      },
    };
  }

  async #inferOne(picture: Uint8Array, index: number, call: ImageHeadCall): Promise<Answered> {
    const image = await this.#prepared(picture, index);
    const inference = await this.#infer(image);
    const outputs = new Map<string, Tensor>(inference.outputs.map((output) => [output.name, output]));
    const { size, placement, prepareMs } = image;
    return { row: call.row({ outputs, size, placement }), inference, prepareMs };
  }

  async #prepared(picture: Uint8Array, index: number): Promise<PreparedImage> {
    try {
      return await this.#parts.preparer.prepareImage(picture, this.#request);
    } catch (error) {
      if (error instanceof ServingError && error.code === 'INVALID_ARGUMENT')
        throw invalidArgument(`input "image", picture ${index}: ${error.message}`);
      throw error;
    }
  }

  #infer({ data, shape, placement }: PreparedImage): Promise<Inference> {
    const { batching } = this.#inner.description;
    const { signal, deadlineMs, priority, caller } = this.#request;
    const { inputs, head } = this.#parts;
    const tensors = new Map<string, Tensor>([[inputs.pixels.name, { dataType: 'FP32', shape: [1, ...shape], data }]]);
    if (inputs.mask !== undefined) tensors.set(inputs.mask.name, maskOf(inputs.mask, placement.surface));
    return new Promise<Inference>((completed, failed) =>
      this.#inner.infer(
        {
          inputs: tensors,
          outputs: head.reads,
          separateRows: hasRows(batching) ? { axes: batching.axes } : undefined,
          signal,
          deadlineMs,
          priority,
          caller,
        },
        { completed, failed },
      ),
    );
  }
}

/** Ones: pictures are not laid side by side. As large as the graph says, or as the picture is. */
function maskOf(
  { dataType, shape }: NonNullable<ImageTaskParts['inputs']['mask']>,
  surface: PreparedImage['placement']['surface'],
): Tensor {
  const [, height = surface.height, width = surface.width] = shape ?? [];
  const sides = [
    typeof height === 'number' ? height : surface.height,
    typeof width === 'number' ? width : surface.width,
  ] as const;
  const count = sides[0] * sides[1];
  const tensorShape = [1, ...sides];
  if (dataType === 'INT64') return { dataType, shape: tensorShape, data: new BigInt64Array(count).fill(1n) };
  if (dataType === 'BOOL') return { dataType, shape: tensorShape, data: new Uint8Array(count).fill(1) };
  return { dataType: 'FP32', shape: tensorShape, data: new Float32Array(count).fill(1) };
}
