import { invalidArgument } from '../../core/serving-error.js';
import { formatValueType } from '../value-type.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/** Inputs or outputs that the file lists twice are told of, and given to the engine, once. */
export function mergeDuplicates(draft: GraphDraft): void {
  for (const io of duplicatesIn(draft.inputs)) {
    draft.replaceInput(io, []);
    draft.note(`input "${io.name}": the file lists it more than once; it is taken once`);
  }
  for (const io of duplicatesIn(draft.outputs)) {
    draft.replaceOutput(io, []);
    draft.note(`output "${io.name}": the file lists it more than once; it is served once`);
  }
}

function duplicatesIn(ios: readonly GraphIo[]): readonly GraphIo[] {
  const first = new Map<string, GraphIo>();
  return ios.filter((io) => {
    const known = first.get(io.name);
    if (known === undefined) {
      first.set(io.name, io);
      return false;
    }
    const [one, other] = [formatValueType(known.type), formatValueType(io.type)];
    if (one !== other)
      throw invalidArgument(`two inputs or outputs are named "${io.name}", one ${one}, the other ${other}`);
    return true;
  });
}
