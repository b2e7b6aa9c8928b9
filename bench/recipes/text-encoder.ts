import { ElementType, GraphWriter } from './graph-writer.js';

const layers = 4;
const width = 256;
const heads = 4;
const headWidth = width / heads;
const innerWidth = 4 * width;
export const vocabulary = 8000;
const longestText = 512;

/** A BERT-like encoder, token numbers → one embedding a text: 4 layers, 4 heads, 256 wide. */
export function textEncoder(): Uint8Array {
  const graph = new GraphWriter(3);
  const tokens = graph.input('input_ids', ElementType.INT64, ['batch', 'sequence']);
  const mask = graph.input('attention_mask', ElementType.INT64, ['batch', 'sequence']);
  const kept = graph.node('Cast', [mask], { attributes: { to: ElementType.FLOAT } });
  const barred = graph.node('Mul', [graph.node('Sub', [graph.floats([1]), kept]), graph.floats([-10_000])]);
  const bias = graph.node('Unsqueeze', [barred, graph.integers([1, 2])]);
  let x = embed(graph, tokens);
  for (let layer = 0; layer < layers; layer++) {
    x = normalize(graph, graph.node('Add', [x, attend(graph, x, bias)]));
    x = normalize(graph, graph.node('Add', [x, feedForward(graph, x)]));
  }
  pool(graph, x, kept);
  graph.output('embedding', ElementType.FLOAT, ['batch', width]);
  return graph.finish('text-encoder');
}

function embed(graph: GraphWriter, tokens: string): string {
  const words = graph.node('Gather', [graph.weights([vocabulary, width], 1), tokens]);
  const length = graph.node('Slice', [graph.node('Shape', [tokens]), graph.integers([1]), graph.integers([2])]);
  const table = graph.weights([longestText, width], 0.1);
  const positions = graph.node('Slice', [table, graph.integers([0]), length, graph.integers([0])]);
  return normalize(graph, graph.node('Add', [words, positions]));
}

function attend(graph: GraphWriter, x: string, bias: string): string {
  const query = headsOf(graph, linear(graph, x, width, width), [0, 2, 1, 3]);
  const key = headsOf(graph, linear(graph, x, width, width), [0, 2, 3, 1]);
  const value = headsOf(graph, linear(graph, x, width, width), [0, 2, 1, 3]);
  const scores = graph.node('Div', [graph.node('MatMul', [query, key]), graph.floats([Math.sqrt(headWidth)], [])]);
  const shares = graph.node('Softmax', [graph.node('Add', [scores, bias])], { attributes: { axis: -1 } });
  const mixed = graph.node('Transpose', [graph.node('MatMul', [shares, value])], {
    attributes: { perm: { ints: [0, 2, 1, 3] } },
  });
  return linear(graph, graph.node('Reshape', [mixed, graph.integers([0, 0, width])]), width, width);
}

function headsOf(graph: GraphWriter, x: string, order: number[]): string {
  const parted = graph.node('Reshape', [x, graph.integers([0, 0, heads, headWidth])]);
  return graph.node('Transpose', [parted], { attributes: { perm: { ints: order } } });
}

function feedForward(graph: GraphWriter, x: string): string {
  const inner = linear(graph, x, width, innerWidth);
  const erf = graph.node('Erf', [graph.node('Div', [inner, graph.floats([Math.SQRT2], [])])]);
  const gate = graph.node('Mul', [inner, graph.node('Add', [erf, graph.floats([1], [])])]);
  return linear(graph, graph.node('Mul', [gate, graph.floats([0.5], [])]), innerWidth, width);
}

function linear(graph: GraphWriter, x: string, from: number, to: number): string {
  const product = graph.node('MatMul', [x, graph.weights([from, to], Math.sqrt(3 / from))]);
  return graph.node('Add', [product, graph.weights([to], 0.02)]);
}

function normalize(graph: GraphWriter, x: string): string {
  const scale = graph.floats(new Array<number>(width).fill(1));
  return graph.node('LayerNormalization', [x, scale, graph.weights([width], 0.02)], { attributes: { axis: -1 } });
}

/** The mean over the tokens that count. */
function pool(graph: GraphWriter, x: string, kept: string): void {
  const weights = graph.node('Unsqueeze', [kept, graph.integers([2])]);
  const attributes = { keepdims: 0 };
  const sum = graph.node('ReduceSum', [graph.node('Mul', [x, weights]), graph.integers([1])], { attributes });
  const count = graph.node('ReduceSum', [weights, graph.integers([1])], { attributes });
  graph.node('Div', [sum, count], { outputs: ['embedding'] });
}
