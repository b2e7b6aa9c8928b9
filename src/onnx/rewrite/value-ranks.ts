import type { GraphOutline, NodeOutline } from '../model-outline.js';

/** Operators whose first output has the rank of their first input, whatever else they do. */
const rankKeepers: ReadonlySet<string> = new Set([
  ...[
    'Conv',
    'ConvTranspose',
    'AveragePool',
    'MaxPool',
    'LpPool',
    'GlobalAveragePool',
    'GlobalMaxPool',
    'GlobalLpPool',
  ],
  ...['BatchNormalization', 'InstanceNormalization', 'LRN', 'Dropout', 'Pad', 'Upsample', 'Tile', 'Slice', 'Concat'],
  ...[
    'Relu',
    'LeakyRelu',
    'PRelu',
    'Elu',
    'Selu',
    'Sigmoid',
    'HardSigmoid',
    'Tanh',
    'Softmax',
    'LogSoftmax',
    'Hardmax',
  ],
  ...['Softplus', 'Softsign', 'Clip', 'Abs', 'Neg', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Floor', 'Ceil', 'Identity'],
  ...[
    'Cast',
    'Not',
    'Transpose',
    'SpaceToDepth',
    'DepthToSpace',
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'And',
    'Or',
    'Xor',
  ],
  ...['Equal', 'Greater', 'Less', 'Sum', 'Max', 'Min', 'Mean', 'ImageScaler', 'Crop', 'Affine', 'Scale'],
]);

/** Ranks of the values of a graph, as far as its inputs, its constants and simple operators tell. */
export class ValueRanks {
  readonly #ranks = new Map<string, number>();

  constructor(graph: GraphOutline) {
    for (const { name, type } of graph.inputs) {
      if (type.kind === 'tensor' && type.shape !== null) this.set(name, type.shape.length);
    }
    for (const { name, dims } of graph.initializers) this.set(name, dims.length);
  }

  of(name: string | undefined): number | undefined {
    return this.#ranks.get(name ?? '');
  }

  set(name: string | undefined, rank: number | undefined): void {
    if (name !== undefined && rank !== undefined) this.#ranks.set(name, rank);
  }

  /** Learns the rank of what a node makes from those of what it takes. */
  learn({ operator, inputs, outputs, attributes }: NodeOutline): void {
    const [output] = outputs;
    const first = this.of(inputs[0]);
    if (rankKeepers.has(operator)) this.set(output, first);
    if (operator === 'Split') for (const piece of outputs) this.set(piece, first);
    if (operator === 'Gemm' || operator === 'Flatten') this.set(output, 2);
    if (operator === 'Constant') this.set(output, attributes[0]?.tensors[0]?.dims.length);
    const second = this.of(inputs[1]);
    if (operator === 'MatMul' && first !== undefined && second !== undefined) this.set(output, Math.max(first, second));
  }
}
