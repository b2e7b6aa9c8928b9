import { fromBinary } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import type { FieldRange, FileWindow } from './file-window.js';
import { MessageFields } from './message-fields.js';
import type {
  AttributeOutline,
  FunctionOutline,
  GraphOutline,
  ModelOutline,
  NodeOutline,
  TensorOutline,
  ValueOutline,
} from './model-outline.js';
import { OutlineScanner } from './outline-scanner.js';
import { readSparseTensorOutline, readTensorOutline } from './read-tensor-outline.js';
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from './schema/onnx_pb.js';
import { valueTypeOf } from './value-type.js';
import type { WireField } from './wire-fields.js';

const modelFields = new MessageFields(ModelProtoSchema);
const graphFields = new MessageFields(GraphProtoSchema);
const functionFields = new MessageFields(FunctionProtoSchema);
const nodeFields = new MessageFields(NodeProtoSchema);
const attributeFields = new MessageFields(AttributeProtoSchema);

/** Graphs within graphs, at most: protobuf's own limit of 100 nested messages allows fewer. */
const deepestNesting = 40;

/** Of a list of integers: axes are no more than dimensions. */
const mostIntegers = 8;

/** Reads what a model file says and skips what it weighs. Throws INVALID_ARGUMENT for anything but a model. */
export async function readOutline(file: FileWindow): Promise<ModelOutline> {
  const scanner = new OutlineScanner(file);
  const model = {
    irVersion: 0,
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    docString: '',
    opsets: new Map<string, number>(),
    standardOpsets: [] as FieldRange[],
    properties: new Map<string, string>(),
    functions: [] as FunctionOutline[],
  };
  let graph: GraphOutline | undefined;
  await scanner.fields({ offset: 0, length: file.size }, modelFields, {
    irVersion: (field) => {
      model.irVersion = Number(field.varint);
    },
    producerName: async (field) => {
      model.producerName = await scanner.text(field);
    },
    producerVersion: async (field) => {
      model.producerVersion = await scanner.text(field);
    },
    domain: async (field) => {
      model.domain = await scanner.text(field);
    },
    modelVersion: (field) => {
      model.modelVersion = field.varint;
    },
    docString: async (field) => {
      model.docString = await scanner.text(field);
    },
    graph: async (field) => {
      if (graph !== undefined) throw file.corrupt('it holds two graphs');
      graph = await readGraph(scanner, field.range, 0);
    },
    opsetImport: async (field) => {
      const { domain, version } = await scanner.message(field, (bytes) => fromBinary(OperatorSetIdProtoSchema, bytes));
      const name = domain || 'ai.onnx';
      model.opsets.set(name, Number(version));
      if (name === 'ai.onnx') model.standardOpsets.push(field.range);
    },
    metadataProps: (field) => scanner.property(field, model.properties),
    functions: async (field) => void model.functions.push(await readFunction(scanner, field.range)),
  });
  if (graph === undefined) throw file.corrupt('it holds no graph; is it another kind of file, or was it cut short?');
  return { ...model, graph };
}

async function readGraph(scanner: OutlineScanner, range: FieldRange, depth: number): Promise<GraphOutline> {
  if (depth > deepestNesting) throw scanner.file.corrupt(`its graphs are nested more than ${deepestNesting} deep`);
  const graph = {
    range,
    name: '',
    docString: '',
    nodes: [] as NodeOutline[],
    initializers: [] as TensorOutline[],
    inputs: [] as ValueOutline[],
    outputs: [] as ValueOutline[],
    valueInfos: [] as FieldRange[],
  };
  await scanner.fields(range, graphFields, {
    name: async (field) => {
      graph.name = await scanner.text(field);
    },
    docString: async (field) => {
      graph.docString = await scanner.text(field);
    },
    node: async (field) => void graph.nodes.push(await readNode(scanner, field.range, depth)),
    initializer: async (field) => void graph.initializers.push(await readTensorOutline(scanner, field.range)),
    sparseInitializer: async (field) =>
      void graph.initializers.push(await readSparseTensorOutline(scanner, field.range)),
    input: async (field) => void graph.inputs.push(await readValueInfo(scanner, field)),
    output: async (field) => void graph.outputs.push(await readValueInfo(scanner, field)),
    valueInfo: (field) => void graph.valueInfos.push(scanner.range(field)),
  });
  return graph;
}

async function readFunction(scanner: OutlineScanner, range: FieldRange): Promise<FunctionOutline> {
  const found = { name: '', domain: '', inputs: [] as string[], outputs: [] as string[], nodes: [] as NodeOutline[] };
  await scanner.fields(range, functionFields, {
    name: async (field) => {
      found.name = await scanner.text(field);
    },
    domain: async (field) => {
      found.domain = await scanner.text(field);
    },
    input: (field) => scanner.eachText(field, (text) => void found.inputs.push(text)),
    output: (field) => scanner.eachText(field, (text) => void found.outputs.push(text)),
    node: async (field) => void found.nodes.push(await readNode(scanner, field.range, 0)),
  });
  return found;
}

async function readNode(scanner: OutlineScanner, range: FieldRange, depth: number): Promise<NodeOutline> {
  const node = {
    range,
    name: '',
    domain: '',
    operator: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: [] as AttributeOutline[],
  };
  await scanner.fields(range, nodeFields, {
    input: (field) => scanner.eachText(field, (text) => void node.inputs.push(text)),
    output: (field) => scanner.eachText(field, (text) => void node.outputs.push(text)),
    name: (field) =>
      scanner.eachText(field, (text) => {
        node.name = text;
      }),
    opType: (field) =>
      scanner.eachText(field, (text) => {
        node.operator = scanner.shared(text);
      }),
    domain: (field) =>
      scanner.eachText(field, (text) => {
        node.domain = scanner.shared(text);
      }),
    attribute: async (field) => void node.attributes.push(await readAttribute(scanner, field.range, depth)),
  });
  return node;
}

async function readAttribute(scanner: OutlineScanner, range: FieldRange, depth: number): Promise<AttributeOutline> {
  const attribute = { range, name: '', graphs: [] as GraphOutline[], tensors: [] as TensorOutline[] };
  let integer: number | undefined;
  const integers: number[] = [];
  const readBody = async (field: WireField) =>
    void attribute.graphs.push(await readGraph(scanner, field.range, depth + 1));
  const readTensor = async (field: WireField) =>
    void attribute.tensors.push(await readTensorOutline(scanner, field.range));
  await scanner.fields(range, attributeFields, {
    name: (field) =>
      scanner.eachText(field, (text) => {
        attribute.name = scanner.shared(text);
      }),
    g: readBody,
    graphs: readBody,
    t: readTensor,
    tensors: readTensor,
    i: (field) => {
      integer = Number(field.varint);
    },
    // The elements of a list follow one another, a field each (a forest has millions), and the name stood before them.
    floats: () => 'stop',
    ints: (field) => {
      if (field.wireType !== WireType.Varint || integers.length === mostIntegers) return 'stop';
      integers.push(Number(field.varint));
    },
    strings: () => 'stop',
  });
  return { ...attribute, ...(integer !== undefined && { integer }), ...(integers.length > 0 && { integers }) };
}

async function readValueInfo(scanner: OutlineScanner, field: WireField): Promise<ValueOutline> {
  const info = await scanner.message(field, (bytes) => fromBinary(ValueInfoProtoSchema, bytes));
  return { range: field.range, name: info.name, type: valueTypeOf(info.type), description: info.docString };
}
