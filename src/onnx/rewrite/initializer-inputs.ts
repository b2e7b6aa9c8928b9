import { elementCount, type Tensor } from '../../core/tensor.js';
import type { NodeOutline, TensorOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { tensorOf } from '../tensor-values.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/** Since this IR version an input that has an initializer may be given by the caller in its place. */
const overridableSince = 4;
/** More of them, or larger ones, are weights that an exporter listed among the inputs out of habit. */
const mostDefaults = 8;
const largestDefaultElements = 4096;

/** Which inputs of an operator are weights, from and to (exclusive). */
const weightPositions: Readonly<Record<string, readonly [number, number]>> = {
  BatchNormalization: [1, 5],
  Conv: [1, 3],
  ConvInteger: [1, 2],
  ConvTranspose: [1, 3],
  DequantizeLinear: [1, 3],
  GRU: [1, 4],
  Gather: [0, 1],
  Gemm: [1, 3],
  InstanceNormalization: [1, 3],
  LSTM: [1, 4],
  LayerNormalization: [1, 3],
  MatMul: [0, 2],
  MatMulInteger: [1, 2],
  PRelu: [1, 2],
  QLinearConv: [1, 9],
  QLinearMatMul: [1, 8],
  QuantizeLinear: [1, 3],
  RNN: [1, 4],
};

/**
 * Inputs that the file has a value for. A few small ones become inputs that a request may leave out: the engine on
 * its own ignores what is given for them. Weights become constants, as they are in files of old IR versions, because
 * the engine computes with constants up to three times as fast.
 */
export async function adaptInitializerInputs(draft: GraphDraft, parts: PartReader): Promise<void> {
  const { outline } = draft.file;
  const initializers = new Map(outline.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const backed = draft.inputs.filter(({ name }) => initializers.has(name));
  if (outline.irVersion < overridableSince) {
    for (const io of backed) draft.forgetInput(io);
    return;
  }
  const names = new Set(backed.map(({ name }) => name));
  const areWeights = backed.length > mostDefaults || outline.graph.nodes.some((node) => takesWeight(node, names));
  const defaults = areWeights ? new Map<GraphIo, Tensor>() : await readDefaults(backed, initializers, parts);
  let constants = 0;
  for (const io of backed) {
    const defaultValue = defaults.get(io);
    const initializer = initializers.get(io.name);
    if (defaultValue === undefined || initializer === undefined) {
      draft.replaceInput(io, []);
      constants++;
    } else {
      draft.hide(initializer.range);
      draft.describeInput(io, { defaultValue });
      draft.note(`input "${io.name}": may be left out; the file's own value is used then`);
    }
  }
  if (constants > 0) {
    const subject = constants === 1 ? '1 weight that the file lists' : `${constants} weights that the file lists`;
    draft.note(`${subject} among the inputs became constants, which the engine computes with faster`);
  }
}

function takesWeight({ operator, inputs }: NodeOutline, names: ReadonlySet<string>): boolean {
  const [from, to] = weightPositions[operator] ?? [0, 0];
  return inputs.slice(from, to).some((name) => names.has(name));
}

async function readDefaults(
  ios: readonly GraphIo[],
  initializers: ReadonlyMap<string, TensorOutline>,
  parts: PartReader,
): Promise<ReadonlyMap<GraphIo, Tensor>> {
  const defaults = new Map<GraphIo, Tensor>();
  for (const io of ios) {
    const outline = initializers.get(io.name);
    if (outline === undefined || elementCount(outline.dims) > largestDefaultElements) continue;
    const proto = await parts.tensor(outline);
    const tensor = proto && tensorOf(proto);
    if (tensor !== undefined && io.type.kind === 'tensor' && io.type.elementType === outline.elementType) {
      defaults.set(io, tensor);
    }
  }
  return defaults;
}
