import { ElementType, GraphWriter } from './graph-writer.js';

/** What is out of the ordinary about a model's inputs and outputs: nothing, maps as output, or a type that the engine does not take. */
export const variants = ['as it is', 'ZipMap', 'bfloat16'] as const;
export type Variant = (typeof variants)[number];

const classes = ['no', 'perhaps', 'yes'];

/** Layers of one width, and scores of three classes. The same weights whatever the variant. */
export function mlpVariant({ inputs, width, layers }: MlpSize, variant: Variant): Uint8Array {
  const graph = new GraphWriter(7);
  const x = graph.input('x', variant === 'bfloat16' ? ElementType.BFLOAT16 : ElementType.FLOAT, ['batch', inputs]);
  let value = variant === 'bfloat16' ? graph.node('Cast', [x], { attributes: { to: ElementType.FLOAT } }) : x;
  for (let layer = 0; layer < layers; layer++) {
    const size = layer === 0 ? inputs : width;
    const weights = graph.weights([size, width], 1 / Math.sqrt(size));
    value = graph.node('Relu', [graph.node('Gemm', [value, weights, graph.weights([width], 0.1)])]);
  }
  const scores = graph.node('Gemm', [value, graph.weights([width, 3], 0.1), graph.weights([3], 0.1)]);
  if (variant === 'ZipMap') {
    const rows = graph.node('Softmax', [scores], { attributes: { axis: -1 } });
    const attributes = { classlabels_strings: classes };
    graph.node('ZipMap', [rows], { attributes, outputs: ['scores'], domain: 'ai.onnx.ml' });
    graph.mapsOutput('scores');
  } else {
    graph.node('Softmax', [scores], { attributes: { axis: -1 }, outputs: ['scores'] });
    graph.output('scores', ElementType.FLOAT, ['batch', 3]);
  }
  return graph.finish('mlp-variant');
}

export interface MlpSize {
  readonly inputs: number;
  readonly width: number;
  readonly layers: number;
}
