import type { ModelFile } from '../model-file.js';
import { type GraphOutline, type NodeOutline, visitGraphs } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { defaultAxes } from '../row-flow/rowwise-operators.js';
import { scaledByAll } from '../row-flow/size-operators.js';
import { tensorOf } from '../tensor-values.js';

/** An operator of a graph whose answer for a row depends on other rows, or that may give rows of another number. */
export interface RowCoupling {
  readonly operator: string;
  /** What it does, after its name. */
  readonly effect: string;
  readonly remedy?: string;
}

const quantizeStatically =
  'quantize it statically (onnxruntime.quantization.quantize_static): dynamic quantization takes its scale from all rows of a run';

/** Whatever their attributes. */
const always: ReadonlyMap<string, Omit<RowCoupling, 'operator'>> = new Map<string, Omit<RowCoupling, 'operator'>>([
  ...Array.from(
    scaledByAll,
    (operator) => [operator, { effect: 'takes its scale from all rows of a run', remedy: quantizeStatically }] as const,
  ),
  ['NonMaxSuppression', { effect: 'gives as many boxes as there are in all rows together' }],
  ['NonZero', { effect: 'gives as many elements as are not zero in all rows together' }],
  ['Unique', { effect: 'compares all rows with each other' }],
  ['Compress', { effect: 'keeps as many elements as its condition picks' }],
]);

const knownDomains: ReadonlySet<string> = new Set(['', 'ai.onnx', 'com.microsoft']);

const mostRead = 2000;

/** Where a graph couples rows that lie along axis 0, as far as it plainly says so; each operator once. */
export async function findRowCouplings(
  { format, outline }: Pick<ModelFile, 'format' | 'outline'>,
  parts: PartReader,
): Promise<readonly RowCoupling[]> {
  const found = new Map<string, RowCoupling>();
  const candidates: NodeOutline[] = [];
  visitGraphs(outline.graph, ({ nodes }) => {
    for (const node of nodes) {
      const { operator, domain } = node;
      if (!knownDomains.has(domain)) continue;
      const coupling = always.get(operator);
      if (coupling !== undefined) found.set(operator, { operator, ...coupling });
      else if (defaultAxes.has(operator) || operator === 'CumSum') candidates.push(node);
    }
  });
  if (format !== 'onnx') return [...found.values()];
  for (const node of candidates.slice(0, mostRead)) {
    const { operator } = node;
    if (found.has(operator) || (await axisOf(node, outline.graph, parts)) !== 0) continue;
    found.set(operator, { operator, effect: 'works along axis 0' });
  }
  return [...found.values()];
}

/** The axis that a node works along; undefined where that cannot be told. */
async function axisOf(node: NodeOutline, graph: GraphOutline, parts: PartReader): Promise<number | undefined> {
  if (node.operator !== 'CumSum') {
    const axis = (await parts.attribute(node, 'axis'))?.i;
    return axis === undefined ? defaultAxes.get(node.operator) : Number(axis);
  }
  const tensor = graph.initializers.find(({ name }) => name === node.inputs[1]);
  const values = tensor && (await parts.tensor(tensor));
  const constant = values && tensorOf(values)?.data[0];
  return constant === undefined ? undefined : Number(constant);
}
