import type { IntegerRange } from '../../core/data-type.js';
import { elementTypeName } from '../element-type.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

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

const carrierOf = ({ type }: GraphIo): Carrier | undefined =>
  type.kind === 'tensor' ? carriers[type.elementType] : undefined;

/** Casts at the inputs and outputs of the graph, so that callers give and get a type that every client has. */
export function castNarrowTypes(draft: GraphDraft): void {
  for (const io of draft.inputs) {
    const carrier = carrierOf(io);
    if (carrier === undefined || io.type.kind !== 'tensor') continue;
    const value = draft.setAside(io);
    draft.add(buildNode('Cast', [io.name], [value], { to: { int: io.type.elementType } }));
    draft.replaceInput(io, [carried(io, carrier)]);
    note(draft, 'input', io, carrier);
  }
  for (const io of draft.computedOutputs()) {
    const carrier = carrierOf(io);
    if (carrier === undefined) continue;
    const value = draft.setAside(io);
    draft.add(buildNode('Cast', [value], [io.name], { to: { int: carrier.elementType } }));
    draft.replaceOutput(io, [carried(io, carrier)]);
    note(draft, 'output', io, carrier);
  }
}

function carried(io: GraphIo, { elementType, values }: Carrier): GraphIo {
  const { declaration: _, ...facts } = io;
  if (io.type.kind !== 'tensor') return facts;
  return {
    ...facts,
    type: { ...io.type, elementType },
    ...(values !== undefined && { values }),
    ...(io.type.elementType === ElementType.BFLOAT16 && { modelDataType: 'BF16' }),
  };
}

function note(draft: GraphDraft, role: string, { name, type }: GraphIo, carrier: Carrier): void {
  if (type.kind !== 'tensor') return;
  const [narrow, wide] = [elementTypeName(type.elementType), elementTypeName(carrier.elementType)];
  draft.note(`${role} "${name}": ${narrow} is carried as ${wide} and cast inside the graph`);
}
