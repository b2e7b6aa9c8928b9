import type { NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import type { GraphDraft } from './graph-draft.js';

const operatorsOf = (names: string): ReadonlySet<string> => new Set(names.split(' '));

const integers = operatorsOf('Shape Size NonZero ArgMax ArgMin');
const flags = operatorsOf(
  'Equal Less Greater LessOrEqual GreaterOrEqual And Or Xor Not IsNaN IsInf OptionalHasElement',
);
/** Which input an output is of the type of, where it is not the first. */
const giver: Readonly<Record<string, number>> = { Where: 1, CastLike: 1, OneHot: 2, DequantizeLinear: 1 };
/** Types of the outputs after the first, where they differ from it. */
const secondOutput: Readonly<Record<string, ElementType>> = {
  TopK: ElementType.INT64,
  MaxPool: ElementType.INT64,
  Unique: ElementType.INT64,
  Dropout: ElementType.BOOL,
};

/** Element types of the tensors of a graph, as far as its declarations and its operators tell. */
export class ElementTypes {
  readonly #types = new Map<string, ElementType>();

  static async of({ file: { outline } }: GraphDraft, parts: PartReader): Promise<ElementTypes> {
    const types = new ElementTypes();
    const { graph } = outline;
    for (const { name, elementType } of graph.initializers) types.#types.set(name, elementType);
    for (const { name, type } of [...graph.inputs, ...graph.outputs]) {
      if (type.kind === 'tensor') types.#types.set(name, type.elementType);
    }
    for (const node of graph.nodes) await types.#learn(node, parts);
    return types;
  }

  get(name: string | undefined): ElementType | undefined {
    return this.#types.get(name ?? '');
  }

  async #learn(node: NodeOutline, parts: PartReader): Promise<void> {
    if (node.domain !== '' && node.domain !== 'ai.onnx') return;
    const first = await this.#firstOutput(node, parts);
    node.outputs.forEach((name, index) => {
      const type = index === 0 ? first : (secondOutput[node.operator] ?? first);
      if (type !== undefined && name !== '' && !this.#types.has(name)) this.#types.set(name, type);
    });
  }

  async #firstOutput(node: NodeOutline, parts: PartReader): Promise<ElementType | undefined> {
    const { operator, inputs, attributes } = node;
    if (integers.has(operator)) return ElementType.INT64;
    if (flags.has(operator)) return ElementType.BOOL;
    if (operator === 'Constant' || operator === 'ConstantOfShape') return attributes[0]?.tensors[0]?.elementType;
    if (operator === 'Cast') return Number((await parts.attribute(node, 'to'))?.i ?? 0n);
    if (attributes.some(({ graphs }) => graphs.length > 0)) return undefined;
    return this.get(inputs[giver[operator] ?? 0]);
  }
}
