import type { IntegerRange } from '../../core/data-type.js';
import { elementTypeName } from '../element-type.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import type { Edge } from './edge.js';
import { buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';

interface Carrier {
  readonly elementType: ElementType;
  readonly values?: IntegerRange;
}

const float: Carrier = { elementType: ElementType.FLOAT };

/** Types that exist inside the engine but not at its door, and the type that holds all their values there. */
const carriers: Readonly<Partial<Record<ElementType, Carrier>>> = {
  [ElementType.BFLOAT16]: float,
  [ElementType.FLOAT8E4M3FN]: float,
  [ElementType.FLOAT8E4M3FNUZ]: float,
  [ElementType.FLOAT8E5M2]: float,
  [ElementType.FLOAT8E5M2FNUZ]: float,
  [ElementType.FLOAT8E8M0]: float,
  [ElementType.UINT4]: { elementType: ElementType.UINT8, values: { min: 0n, max: 15n } },
  [ElementType.INT4]: { elementType: ElementType.INT8, values: { min: -8n, max: 7n } },
  [ElementType.UINT2]: { elementType: ElementType.UINT8, values: { min: 0n, max: 3n } },
  [ElementType.INT2]: { elementType: ElementType.INT8, values: { min: -2n, max: 1n } },
};

const carrierOf = ({ type }: Edge): Carrier | undefined =>
  type.kind === 'tensor' ? carriers[type.elementType] : undefined;

/** Casts at the edges of the graph, so that callers give and get a type that every client has. */
export function castNarrowTypes(draft: GraphDraft): void {
  for (const edge of draft.inputs) {
    const carrier = carrierOf(edge);
    if (carrier === undefined || edge.type.kind !== 'tensor') continue;
    const value = draft.setAside(edge);
    draft.add(buildNode('Cast', [edge.name], [value], { to: { int: edge.type.elementType } }));
    draft.replaceInput(edge, [carried(edge, carrier)]);
    note(draft, 'input', edge, carrier);
  }
  for (const edge of draft.computedOutputs()) {
    const carrier = carrierOf(edge);
    if (carrier === undefined) continue;
    const value = draft.setAside(edge);
    draft.add(buildNode('Cast', [value], [edge.name], { to: { int: carrier.elementType } }));
    draft.replaceOutput(edge, [carried(edge, carrier)]);
    note(draft, 'output', edge, carrier);
  }
}

function carried(edge: Edge, { elementType, values }: Carrier): Edge {
  const { declaration: _, ...facts } = edge;
  if (edge.type.kind !== 'tensor') return facts;
  return {
    ...facts,
    type: { ...edge.type, elementType },
    ...(values !== undefined && { values }),
    ...(edge.type.elementType === ElementType.BFLOAT16 && { modelDataType: 'BF16' }),
  };
}

function note(draft: GraphDraft, role: string, { name, type }: Edge, carrier: Carrier): void {
  if (type.kind !== 'tensor') return;
  const [narrow, wide] = [elementTypeName(type.elementType), elementTypeName(carrier.elementType)];
  draft.note(`${role} "${name}": ${narrow} is carried as ${wide} and cast inside the graph`);
}
