import type { GraphOutline, NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { tensorOf } from '../tensor-values.js';

export type Labels = readonly (string | number)[];

/** Operators that know the labels of their classes, and the attributes that hold them. */
const classifiers: Readonly<Record<string, readonly string[]>> = {
  LinearClassifier: ['classlabels_strings', 'classlabels_ints'],
  SVMClassifier: ['classlabels_strings', 'classlabels_ints'],
  TreeEnsembleClassifier: ['classlabels_strings', 'classlabels_int64s'],
};

/** Operators that pick labels from a list by the position of the highest score. */
const pickers: ReadonlySet<string> = new Set(['ArrayFeatureExtractor', 'Gather']);
const positionMakers: ReadonlySet<string> = new Set(['ArgMax', 'TopK']);
/** Operators between the two that leave positions what they are. */
const passers: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Identity', 'Squeeze', 'Flatten']);
const longestWay = 8;

/** The lists of class labels that a graph holds, each once. */
export async function labelsInGraph(parts: PartReader, graph: GraphOutline): Promise<readonly Labels[]> {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const found = new Map<string, Labels>();
  const add = (labels: Labels): void => {
    if (labels.length > 0) found.set(JSON.stringify(labels), labels);
  };
  for (const node of graph.nodes) {
    const attributes = node.domain === 'ai.onnx.ml' ? classifiers[node.operator] : undefined;
    for (const name of attributes ?? []) add(await attributeLabels(parts, node, name));
    if (pickers.has(node.operator) && isPosition(makers, node.inputs[1])) {
      add(await listLabels(parts, graph, makers, node.inputs[0]));
    }
  }
  return [...found.values()];
}

export async function attributeLabels(parts: PartReader, node: NodeOutline, name: string): Promise<Labels> {
  const attribute = await parts.attribute(node, name);
  if (attribute === undefined) return [];
  if (attribute.strings.length > 0) return attribute.strings.map((text) => Buffer.from(text).toString());
  return attribute.ints.map(Number);
}

type Makers = ReadonlyMap<string, NodeOutline>;

function isPosition(makers: Makers, value: string | undefined): boolean {
  let maker = makers.get(value ?? '');
  // A damaged graph may go in circles.
  for (let step = 0; step < longestWay && maker !== undefined && passers.has(maker.operator); step++) {
    maker = makers.get(maker.inputs[0] ?? '');
  }
  return maker !== undefined && positionMakers.has(maker.operator);
}

async function listLabels(
  parts: PartReader,
  graph: GraphOutline,
  makers: Makers,
  name: string | undefined,
): Promise<Labels> {
  const maker = makers.get(name ?? '');
  const constant = maker?.operator === 'Constant' ? maker : undefined;
  const outline = graph.initializers.find((tensor) => tensor.name === name) ?? constant?.attributes[0]?.tensors[0];
  const proto = outline && (await parts.tensor(outline));
  const tensor = proto && tensorOf(proto);
  if (tensor === undefined || tensor.data.length < 2) return [];
  if (tensor.dataType === 'BYTES') return tensor.data as readonly string[];
  return tensor.dataType.startsWith('INT') ? Array.from(tensor.data as Int32Array | BigInt64Array, Number) : [];
}
