import { ElementType, GraphWriter } from './graph-writer.js';

/** 4 floats → 16 → 3 probabilities: the smallest model people serve. */
export function mlp(): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 4]);
  const hidden = graph.node('Relu', [graph.node('Gemm', [x, graph.weights([4, 16], 1), graph.weights([16], 0.5)])]);
  const scores = graph.node('Gemm', [hidden, graph.weights([16, 3], 1), graph.weights([3], 0.5)]);
  graph.node('Softmax', [scores], { attributes: { axis: -1 }, outputs: ['probabilities'] });
  graph.output('probabilities', ElementType.FLOAT, ['batch', 3]);
  return graph.finish('mlp');
}
