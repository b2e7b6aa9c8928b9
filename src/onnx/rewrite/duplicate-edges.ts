import { invalidArgument } from '../../core/serving-error.js';
import { formatValueType } from '../value-type.js';
import type { Edge } from './edge.js';
import type { GraphDraft } from './graph-draft.js';

/** Inputs or outputs that the file lists twice are told of, and given to the engine, once. */
export function mergeDuplicates(draft: GraphDraft): void {
  for (const edge of duplicatesIn(draft.inputs)) {
    draft.replaceInput(edge, []);
    draft.note(`input "${edge.name}": the file lists it more than once; it is taken once`);
  }
  for (const edge of duplicatesIn(draft.outputs)) {
    draft.replaceOutput(edge, []);
    draft.note(`output "${edge.name}": the file lists it more than once; it is served once`);
  }
}

function duplicatesIn(edges: readonly Edge[]): readonly Edge[] {
  const first = new Map<string, Edge>();
  return edges.filter((edge) => {
    const known = first.get(edge.name);
    if (known === undefined) {
      first.set(edge.name, edge);
      return false;
    }
    const [one, other] = [formatValueType(known.type), formatValueType(edge.type)];
    if (one !== other)
      throw invalidArgument(`two inputs or outputs are named "${edge.name}", one ${one}, the other ${other}`);
    return true;
  });
}
