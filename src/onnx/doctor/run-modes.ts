import type { ModelFile } from '../model-file.js';
import { type ModelOutline, type NodeOutline, type TensorOutline, visitGraphs } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import type { TensorProto } from '../schema/onnx_pb.js';
import { tensorOf } from '../tensor-values.js';
import { findRowCouplings, type RowCoupling } from './row-coupling.js';

/** Operators that do not compute the same from the same, or not the same beside other rows; each named once. */
export interface RunModes {
  /** Their outputs differ from run to run. */
  readonly random: readonly string[];
  /** They are set to training: what they give for a row depends on the rows beside it. */
  readonly training: readonly string[];
  /** They look at several rows at once, whatever their mode. */
  readonly couplings: readonly RowCoupling[];
}

const drawing: ReadonlySet<string> = new Set([
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'],
]);

export async function readRunModes(file: ModelFile, parts: PartReader): Promise<RunModes> {
  const { format, outline } = file;
  const random = new Set<string>();
  const training = new Set<string>();
  const constants = format === 'onnx' ? new Constants(outline, parts) : undefined;
  for (const node of standardNodes(outline)) {
    const { operator, inputs } = node;
    if (drawing.has(operator)) random.add(operator);
    const mode = operator === 'Dropout' ? inputs[2] : undefined;
    // One that is no constant may be true.
    if (mode && (await constants?.isTrue(mode)) !== false) random.add('Dropout in training mode');
    if (operator === 'BatchNormalization' && format === 'onnx') {
      if ((await parts.attribute(node, 'training_mode'))?.i === 1n) training.add(operator);
    }
  }
  return { random: [...random], training: [...training], couplings: await findRowCouplings(file, parts) };
}

function standardNodes({ graph, functions }: ModelOutline): readonly NodeOutline[] {
  const nodes: NodeOutline[] = [];
  const collect = (node: NodeOutline): void => {
    if (node.domain === '' || node.domain === 'ai.onnx') nodes.push(node);
  };
  visitGraphs(graph, (inner) => inner.nodes.forEach(collect));
  for (const body of functions) body.nodes.forEach(collect);
  return nodes;
}

/** The values that a file holds under a name, found once they are asked for. */
class Constants {
  readonly #outline: ModelOutline;
  readonly #parts: PartReader;
  #found: ReadonlyMap<string, NodeOutline | TensorOutline> | undefined;

  constructor(outline: ModelOutline, parts: PartReader) {
    this.#outline = outline;
    this.#parts = parts;
  }

  /** Undefined where the value is no constant, or none that can be read. */
  async isTrue(name: string): Promise<boolean | undefined> {
    this.#found ??= findConstants(this.#outline);
    const constant = this.#found.get(name);
    const tensor = constant && (await this.#read(constant));
    const value = tensor && tensorOf(tensor)?.data[0];
    return value === undefined ? undefined : Boolean(value);
  }

  async #read(constant: NodeOutline | TensorOutline): Promise<TensorProto | undefined> {
    if (!('operator' in constant)) return this.#parts.tensor(constant);
    return (await this.#parts.attribute(constant, 'value'))?.t;
  }
}

function findConstants(outline: ModelOutline): ReadonlyMap<string, NodeOutline | TensorOutline> {
  const found = new Map<string, NodeOutline | TensorOutline>();
  for (const node of standardNodes(outline)) {
    if (node.operator === 'Constant') for (const name of node.outputs) found.set(name, node);
  }
  visitGraphs(outline.graph, ({ initializers }) => {
    for (const tensor of initializers) found.set(tensor.name, tensor);
  });
  return found;
}
