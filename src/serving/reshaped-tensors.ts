import type { Batch, BatchInput, BatchResult, InstanceGroup, RunOptions } from '../core/inference-engine.js';
import type { PreparedModel, TensorReshape } from '../core/model-source.js';
import { invalidArgument } from '../core/serving-error.js';
import { elementCount } from '../core/tensor.js';
import { WrappedGroup } from './wrapped-group.js';

type Reshapes = NonNullable<PreparedModel['reshapes']>;

/** An instance group whose tensors have the shapes that clients see; the elements are the same. */
export function withReshapes(group: InstanceGroup, reshapes: PreparedModel['reshapes']): InstanceGroup {
  const isNeeded = reshapes !== undefined && reshapes.inputs.size + reshapes.outputs.size > 0;
  return isNeeded ? new ReshapedGroup(group, reshapes) : group;
}

class ReshapedGroup extends WrappedGroup {
  readonly #reshapes: Reshapes;

  constructor(group: InstanceGroup, reshapes: Reshapes) {
    super(group);
    this.#reshapes = reshapes;
  }

  override tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> | undefined {
    const { inputs, outputs } = this.#reshapes;
    const given: BatchInput[] = [];
    for (const input of batch.inputs) {
      const reshape = inputs.get(input.name);
      const shape = reshape === undefined ? input.shape : reshaped(input.shape, reshape, 'inModel');
      if (shape === undefined) return Promise.reject(unfit(input));
      given.push(reshape === undefined ? input : { ...input, shape });
    }
    const running = super.tryRun({ ...batch, inputs: given }, options);
    return running?.then((result) => ({
      ...result,
      outputs: result.outputs.map((output) => {
        const reshape = outputs.get(output.name);
        return reshape === undefined
          ? output
          : { ...output, shape: reshaped(output.shape, reshape, 'outside') ?? output.shape };
      }),
    }));
  }
}

const unfit = ({ name, shape }: BatchInput): Error =>
  invalidArgument(`input "${name}": its shape, [${shape.join(', ')}], cannot be reshaped as config.pbtxt says`);

/** The shape on the other side, of as many elements; undefined where there is none. */
function reshaped(
  shape: readonly number[],
  { hasBatchAxis, inModel, outside }: TensorReshape,
  side: 'inModel' | 'outside',
): readonly number[] | undefined {
  const [from, to] = side === 'inModel' ? [outside, inModel] : [inModel, outside];
  const front = hasBatchAxis ? shape.slice(0, 1) : [];
  const sizes = shape.slice(front.length);
  const elements = elementCount(sizes);
  const free = to.filter((size) => size === null).length;
  // Free sizes keep their order; a single one is whatever is left over.
  const known = from.flatMap((size, axis) => (size === null ? [sizes[axis] ?? 1] : []));
  const fixed = to.reduce<number>((product, size) => product * (size ?? 1), 1);
  const filling = free === 1 ? [fixed === 0 ? 0 : elements / fixed] : known;
  let next = 0;
  const result = to.map((size) => size ?? filling[next++] ?? 1);
  return result.every(Number.isInteger) && elementCount(result) === elements ? [...front, ...result] : undefined;
}
