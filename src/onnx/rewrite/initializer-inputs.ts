import type { Tensor } from '../../core/tensor.js';
import type { FileWindow } from '../file-window.js';
import type { TensorOutline } from '../model-outline.js';
import { readTensor } from '../read-parts.js';
import { tensorOf } from '../tensor-values.js';
import type { Edge } from './edge.js';
import type { GraphDraft } from './graph-draft.js';

/** Since this IR version an input that has an initializer may be given by the caller in its place. */
const overridableSince = 4;
/** More of them, or larger ones, are weights that an exporter listed among the inputs out of habit. */
const mostDefaults = 8;
const largestDefaultElements = 4096;

/**
 * Inputs that the file has a value for. A few small ones become inputs that a request may leave out: the engine on
 * its own ignores what is given for them. Weights become constants, as they are in files of old IR versions, because
 * the engine computes with constants up to three times as fast.
 */
export async function settleInitializerInputs(draft: GraphDraft, file: FileWindow): Promise<void> {
  const { outline } = draft.file;
  const initializers = new Map(outline.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const backed = draft.inputs.filter(({ name }) => initializers.has(name));
  if (outline.irVersion < overridableSince) {
    for (const edge of backed) draft.forgetInput(edge);
    return;
  }
  const defaults = backed.length > mostDefaults ? new Map() : await readDefaults(backed, initializers, file);
  let constants = 0;
  for (const edge of backed) {
    const defaultValue: Tensor | undefined = defaults.get(edge);
    const initializer = initializers.get(edge.name);
    if (defaultValue === undefined || initializer === undefined) {
      draft.replaceInput(edge, []);
      constants++;
    } else {
      draft.hide(initializer.range);
      draft.describeInput(edge, { defaultValue });
      draft.note(`input "${edge.name}": may be left out; the file's own value is used then`);
    }
  }
  if (constants > 0) {
    const subject = constants === 1 ? '1 weight that the file lists' : `${constants} weights that the file lists`;
    draft.note(`${subject} among the inputs became constants, which the engine computes with faster`);
  }
}

async function readDefaults(
  edges: readonly Edge[],
  initializers: ReadonlyMap<string, TensorOutline>,
  file: FileWindow,
): Promise<ReadonlyMap<Edge, Tensor>> {
  const defaults = new Map<Edge, Tensor>();
  for (const edge of edges) {
    const outline = initializers.get(edge.name);
    if (outline === undefined || outline.dims.reduce((product, size) => product * size, 1) > largestDefaultElements)
      continue;
    const proto = await readTensor(file, outline);
    const tensor = proto && tensorOf(proto);
    if (tensor !== undefined) defaults.set(edge, tensor);
  }
  return defaults;
}
