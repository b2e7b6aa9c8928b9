import { ElementType, GraphWriter } from './graph-writer.js';

/** The mean of each colour of a 3×224×224 image: hardly anything to compute, so that what is left is the image's way there. */
export function imageMean(): Uint8Array {
  const graph = new GraphWriter(1);
  const image = graph.input('image', ElementType.FLOAT, ['batch', 3, 224, 224]);
  const means = graph.node('GlobalAveragePool', [image]);
  graph.node('Flatten', [means], { attributes: { axis: 1 }, outputs: ['means'] });
  graph.output('means', ElementType.FLOAT, ['batch', 3]);
  return graph.finish('image-mean');
}
