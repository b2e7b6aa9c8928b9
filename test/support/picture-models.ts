import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import type { ModelFolder } from './model-folder.js';

const colours = ['red', 'green', 'blue'];

/** Which colour there is most of; of a detector, in a box in the middle, half as high as it is wide. */
export function pictureGraph(kind: 'classifier' | 'detector'): Uint8Array {
  const graph = new GraphWriter(1);
  const pixels = graph.input('pixel_values', ElementType.FLOAT, ['batch', 3, 8, 8]);
  const means = graph.node('ReduceMean', [pixels], { attributes: { axes: { ints: [2, 3] }, keepdims: 0 } });
  const scored = (width: number, outputs?: readonly string[]): string => {
    const weights = colours.flatMap((_, row) => Array.from({ length: width }, (_, at) => (at === row ? 10 : 0)));
    return graph.node('MatMul', [means, graph.floats(weights, [3, width])], { ...(outputs && { outputs }) });
  };
  if (kind === 'classifier') {
    scored(3, ['logits']);
    graph.output('logits', ElementType.FLOAT, ['batch', 3]);
  } else {
    const nowhere = graph.node('MatMul', [means, graph.floats(new Array(12).fill(0), [3, 4])]);
    const box = graph.node('Add', [nowhere, graph.floats([0.5, 0.5, 0.5, 0.25])]);
    const axis = graph.integers([1]);
    // The last class is that there is nothing.
    graph.node('Unsqueeze', [scored(4), axis], { outputs: ['logits'] });
    graph.node('Unsqueeze', [box, axis], { outputs: ['pred_boxes'] });
    graph.output('logits', ElementType.FLOAT, ['batch', 1, 4]);
    graph.output('pred_boxes', ElementType.FLOAT, ['batch', 1, 4]);
  }
  return graph.finish(kind);
}

const size = { height: 8, width: 8 };
const id2label = Object.fromEntries(colours.map((colour, id) => [id, colour]));
export const pictureConfigs = {
  classifier: { architectures: ['ViTForImageClassification'], model_type: 'vit', id2label },
  detector: { architectures: ['DetrForObjectDetection'], model_type: 'detr', id2label },
};
const processors = {
  classifier: { image_processor_type: 'ViTImageProcessor', size, do_normalize: false },
  detector: { image_processor_type: 'DetrImageProcessor', size, do_normalize: false, do_pad: false },
};

/** A folder of Hugging Face that says what colour a picture is, or where there is something. */
export function writePictureModel(folder: ModelFolder, kind: keyof typeof pictureConfigs): void {
  folder.write(JSON.stringify(pictureConfigs[kind]), `${kind}/config.json`);
  folder.write(JSON.stringify(processors[kind]), `${kind}/preprocessor_config.json`);
  folder.write(pictureGraph(kind), `${kind}/onnx/model.onnx`);
}
