import { ElementType, GraphWriter } from './graph-writer.js';

/** Blocks, and inner channels, of each of the four stages. */
const stages = [
  { blocks: 3, channels: 64 },
  { blocks: 4, channels: 128 },
  { blocks: 6, channels: 256 },
  { blocks: 3, channels: 512 },
] as const;
const expansion = 4;

interface Convolution {
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  /** Share of the usual spread of the weights. */
  readonly gain?: number;
}

/** ResNet-50 as exported for inference, normalization folded into the convolutions: 3 × 224 × 224 → 1000 scores. */
export function resnet50(): Uint8Array {
  const graph = new GraphWriter(4);
  const image = graph.input('image', ElementType.FLOAT, ['batch', 3, 224, 224]);
  let x = relu(graph, convolve(graph, image, { from: 3, to: 64, kernel: 7, stride: 2 }));
  x = graph.node('MaxPool', [x], {
    attributes: { kernel_shape: { ints: [3, 3] }, strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } },
  });
  let from = 64;
  for (const [index, { blocks, channels }] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      x = bottleneck(graph, x, { from, channels, stride: index > 0 && block === 0 ? 2 : 1 });
      from = expansion * channels;
    }
  }
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])], { attributes: { axis: 1 } });
  graph.node('Gemm', [flat, graph.weights([from, 1000], Math.sqrt(3 / from)), graph.weights([1000], 0.1)], {
    outputs: ['scores'],
  });
  graph.output('scores', ElementType.FLOAT, ['batch', 1000]);
  return graph.finish('resnet-50');
}

function bottleneck(
  graph: GraphWriter,
  x: string,
  { from, channels, stride }: { from: number; channels: number; stride: number },
): string {
  const to = expansion * channels;
  const narrow = relu(graph, convolve(graph, x, { from, to: channels, kernel: 1 }));
  const looked = relu(graph, convolve(graph, narrow, { from: channels, to: channels, kernel: 3, stride }));
  // A small gain keeps the values of random weights from growing from block to block.
  const wide = convolve(graph, looked, { from: channels, to, kernel: 1, gain: 0.3 });
  const shortcut = from === to && stride === 1 ? x : convolve(graph, x, { from, to, kernel: 1, stride, gain: 0.7 });
  return relu(graph, graph.node('Add', [wide, shortcut]));
}

const relu = (graph: GraphWriter, x: string): string => graph.node('Relu', [x]);

function convolve(graph: GraphWriter, x: string, { from, to, kernel, stride = 1, gain = 1 }: Convolution): string {
  const spread = gain * Math.sqrt(6 / (from * kernel * kernel));
  const pad = (kernel - 1) / 2;
  return graph.node('Conv', [x, graph.weights([to, from, kernel, kernel], spread), graph.weights([to], 0.02)], {
    attributes: {
      kernel_shape: { ints: [kernel, kernel] },
      strides: { ints: [stride, stride] },
      pads: { ints: [pad, pad, pad, pad] },
    },
  });
}
