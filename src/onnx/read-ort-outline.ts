import type { Dimension } from '../core/tensor-spec.js';
import type { FieldRange, FileWindow } from './file-window.js';
import { FlatTable } from './flat-table.js';
import type { GraphOutline, ModelOutline, NodeOutline, TensorOutline, ValueOutline } from './model-outline.js';
import { OutlineBudget } from './outline-budget.js';
import type { ValueType } from './value-type.js';

/** Positions of fields in the tables of onnxruntime's schema, `onnxruntime/core/flatbuffers/schema/ort.fbs`. */
const session = { model: 1 } as const;
const model = {
  irVersion: 0,
  opsetImport: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  docString: 6,
  graph: 7,
  graphDocString: 8,
  metadataProps: 9,
} as const;
const graphTable = { initializers: 0, nodeArgs: 1, nodes: 2, inputs: 5, outputs: 6 } as const;
const node = { name: 0, domain: 2, opType: 5, inputs: 8, outputs: 9, attributes: 10 } as const;
const attribute = { name: 0, graph: 7, graphs: 12 } as const;
const tensor = { name: 0, dims: 2, dataType: 3 } as const;
const valueInfo = { name: 0, docString: 1, type: 2 } as const;
const typeInfo = { kind: 1, value: 2 } as const;
const kinds = { tensor: 1, sequence: 2, map: 3 } as const;
const dimensionKinds = { value: 1, parameter: 2 } as const;

const deepestNesting = 40;
/** Nothing of these files is rewritten, so that nobody asks where it lies. */
const nowhere: FieldRange = { start: 0, offset: 0, length: 0 };

/** Whether the file is in onnxruntime's own format. */
export const isOrtFormat = async (file: FileWindow): Promise<boolean> =>
  file.size >= 8 && Buffer.from(await file.load({ offset: 4, length: 4 })).toString('latin1') === 'ORTM';

/** As `readOutline`, of a file in onnxruntime's own format (`.ort`). */
export async function readOrtOutline(file: FileWindow): Promise<ModelOutline> {
  const root = await FlatTable.root(file, new OutlineBudget(file.name));
  const table = await root.table(session.model);
  const graph = await table?.table(model.graph);
  if (table === undefined || graph === undefined) throw file.corrupt('it holds no graph');
  const opsets = new Map<string, number>();
  for (const entry of await table.tables(model.opsetImport)) {
    opsets.set((await entry.text(0)) || 'ai.onnx', Number(await entry.long(1)));
  }
  const properties = new Map<string, string>();
  for (const entry of await table.tables(model.metadataProps)) properties.set(await entry.text(0), await entry.text(1));
  return {
    irVersion: Number(await table.long(model.irVersion)),
    producerName: await table.text(model.producerName),
    producerVersion: await table.text(model.producerVersion),
    domain: await table.text(model.domain),
    modelVersion: await table.long(model.modelVersion),
    docString: await table.text(model.docString),
    opsets,
    standardOpsets: [],
    properties,
    graph: await readGraph(file, graph, await table.text(model.graphDocString), 0),
    functions: [],
  };
}

async function readGraph(file: FileWindow, table: FlatTable, docString: string, depth: number): Promise<GraphOutline> {
  if (depth > deepestNesting) throw file.corrupt(`its graphs are nested more than ${deepestNesting} deep`);
  const values = new Map<string, FlatTable>();
  for (const value of await table.tables(graphTable.nodeArgs)) values.set(await value.text(valueInfo.name), value);
  const io = async (name: string): Promise<ValueOutline> => {
    const value = values.get(name);
    const type = await value?.table(valueInfo.type);
    const description = (await value?.text(valueInfo.docString)) ?? '';
    return { range: nowhere, name, type: await readType(file, type, 0), description };
  };
  const outputs: ValueOutline[] = [];
  for (const name of await table.texts(graphTable.outputs)) outputs.push(await io(name));
  const inputs: ValueOutline[] = [];
  for (const name of await table.texts(graphTable.inputs)) inputs.push(await io(name));
  const nodes: NodeOutline[] = [];
  for (const entry of await table.tables(graphTable.nodes)) nodes.push(await readNode(file, entry, depth));
  const initializers: TensorOutline[] = [];
  for (const entry of await table.tables(graphTable.initializers)) initializers.push(await readTensor(entry));
  return { range: nowhere, name: '', docString, nodes, initializers, inputs, outputs, valueInfos: [] };
}

async function readNode(file: FileWindow, table: FlatTable, depth: number): Promise<NodeOutline> {
  const attributes: NodeOutline['attributes'][number][] = [];
  for (const entry of await table.tables(node.attributes)) {
    const single = await entry.table(attribute.graph);
    const graphs: GraphOutline[] = [];
    for (const body of [...(single === undefined ? [] : [single]), ...(await entry.tables(attribute.graphs))]) {
      graphs.push(await readGraph(file, body, '', depth + 1));
    }
    attributes.push({ range: nowhere, name: await entry.text(attribute.name), graphs, tensors: [] });
  }
  return {
    range: nowhere,
    name: await table.text(node.name),
    domain: await table.text(node.domain),
    operator: await table.text(node.opType),
    inputs: await table.texts(node.inputs),
    outputs: await table.texts(node.outputs),
    attributes,
  };
}

const readTensor = async (table: FlatTable): Promise<TensorOutline> => ({
  range: nowhere,
  name: await table.text(tensor.name),
  elementType: await table.integer(tensor.dataType),
  dims: (await table.longs(tensor.dims)).map(Number),
});

async function readType(file: FileWindow, table: FlatTable | undefined, depth: number): Promise<ValueType> {
  if (depth > deepestNesting) throw file.corrupt(`a type is nested more than ${deepestNesting} deep`);
  const value = await table?.table(typeInfo.value);
  if (table === undefined || value === undefined) return { kind: 'absent' };
  switch (await table.byte(typeInfo.kind)) {
    case kinds.tensor:
      return { kind: 'tensor', elementType: await value.integer(0), shape: await readShape(await value.table(1)) };
    case kinds.sequence:
      return { kind: 'sequence', element: await readType(file, await value.table(0), depth + 1) };
    case kinds.map:
      return {
        kind: 'map',
        keyType: await value.integer(0),
        value: await readType(file, await value.table(1), depth + 1),
      };
    default:
      return { kind: 'absent' };
  }
}

async function readShape(shape: FlatTable | undefined): Promise<readonly Dimension[] | null> {
  if (shape === undefined) return null;
  const sizes: Dimension[] = [];
  for (const dimension of await shape.tables(0)) {
    const value = await dimension.table(0);
    const kind = await value?.byte(0);
    if (kind === dimensionKinds.parameter) sizes.push((await value?.text(2)) || null);
    else sizes.push(kind === dimensionKinds.value ? Number(await value?.long(1)) : null);
  }
  return sizes;
}
