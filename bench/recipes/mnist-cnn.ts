import { ElementType, GraphWriter } from './graph-writer.js';

/** The convolutional network for handwritten digits that ONNX tutorials begin with: 28 × 28 pixels → 10 scores. */
export function mnistCnn(): Uint8Array {
  const graph = new GraphWriter(2);
  const image = graph.input('image', ElementType.FLOAT, ['batch', 1, 28, 28]);
  const first = convolve(graph, image, 1, 8);
  const half = graph.node('MaxPool', [first], {
    attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
  });
  const second = convolve(graph, half, 8, 16);
  const small = graph.node('MaxPool', [second], {
    attributes: { kernel_shape: { ints: [3, 3] }, strides: { ints: [3, 3] } },
  });
  const flat = graph.node('Flatten', [small], { attributes: { axis: 1 } });
  graph.node('Gemm', [flat, graph.weights([256, 10], 0.1), graph.weights([10], 0.1)], { outputs: ['scores'] });
  graph.output('scores', ElementType.FLOAT, ['batch', 10]);
  return graph.finish('mnist-cnn');
}

function convolve(graph: GraphWriter, x: string, channels: number, filters: number): string {
  const kernel = graph.weights([filters, channels, 5, 5], Math.sqrt(3 / (channels * 25)));
  const attributes = { kernel_shape: { ints: [5, 5] }, pads: { ints: [2, 2, 2, 2] } };
  return graph.node('Relu', [graph.node('Conv', [x, kernel, graph.weights([filters], 0.1)], { attributes })]);
}
