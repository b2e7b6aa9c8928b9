import { elementCount } from '../../core/tensor.js';
import type { ByteRange } from '../file-window.js';
import type { ModelFile } from '../model-file.js';
import { type GraphOutline, type TensorOutline, visitGraphs } from '../model-outline.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';

/** Less is copied faster than anybody would notice. */
const leastBytes = 2 * 1024 * 1024;
const floatBytes = 4;

/** A tensor whose elements lie side by side in the model file. */
export type LargeTensor = TensorOutline & { readonly bytes: ByteRange };

/** Which inputs of an operator the engine lays out anew while it loads, of which ranks. */
const rearranged: Readonly<Record<string, { readonly positions: readonly number[]; readonly rank: number }>> = {
  MatMul: { positions: [1], rank: 2 },
  Gemm: { positions: [1], rank: 2 },
  Conv: { positions: [1], rank: 4 },
  LSTM: { positions: [1, 2], rank: 3 },
  GRU: { positions: [1, 2], rank: 3 },
};
/** Channels in other numbers stay as they lie in the file. */
const channelBlock = 16;

/**
 * Weights that a rewritten copy can leave in the original, because the engine has no more use for the file once it
 * has loaded them: it keeps others mapped. Whether it does let go of these it checks itself, so that a wrong guess
 * here costs time and nothing else. Empty where it cannot check, or where there is little to gain.
 */
export function sharedExternalData({ outline, externalFiles }: ModelFile, hidden: ReadonlySet<unknown>): LargeTensor[] {
  if (process.platform !== 'linux' || externalFiles.length > 0) return [];
  const { graph } = outline;
  const candidates = new Map<string, LargeTensor>();
  for (const tensor of graph.initializers) {
    if (!isLarge(tensor) || hidden.has(tensor.range)) continue;
    candidates.set(tensor.name, tensor);
  }
  if (totalBytes(candidates.values()) < leastBytes) return [];
  for (const name of otherwiseUsed(graph, candidates)) candidates.delete(name);
  const shared = [...candidates.values()];
  return totalBytes(shared) < leastBytes ? [] : shared;
}

const isLarge = (tensor: TensorOutline): tensor is LargeTensor =>
  tensor.elementType === ElementType.FLOAT && tensor.bytes?.length === floatBytes * elementCount(tensor.dims);

const totalBytes = (tensors: Iterable<LargeTensor>): number =>
  [...tensors].reduce((sum, { bytes }) => sum + bytes.length, 0);

/** Names of tensors that something else takes, or that two share. */
function otherwiseUsed(graph: GraphOutline, tensors: ReadonlyMap<string, TensorOutline>): ReadonlySet<string> {
  const found = new Set<string>(graph.outputs.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name } of graph.initializers) {
    if (seen.has(name)) found.add(name);
    seen.add(name);
  }
  visitGraphs(graph, (inner) => {
    for (const { operator, domain, inputs } of inner.nodes) {
      inputs.forEach((name, position) => {
        const tensor = tensors.get(name);
        if (tensor === undefined) return;
        if (inner !== graph || domain !== '' || !isRearranged(operator, position, tensor)) found.add(name);
      });
    }
  });
  return found;
}

function isRearranged(operator: string, position: number, { dims }: TensorOutline): boolean {
  const known = rearranged[operator];
  if (known === undefined || !known.positions.includes(position) || dims.length !== known.rank) return false;
  return operator !== 'Conv' || dims.slice(0, 2).every((channels) => channels % channelBlock === 0);
}
