import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from '../../src/onnx/schema/onnx_pb.js';
import { Random } from '../../test/support/random.js';

export { ElementType };

/** A number is an int attribute; `{ float }` says that it is not. A graph is the body of a Loop, a Scan or an If. */
export type Attribute =
  | number
  | string
  | { float: number }
  | { ints: readonly number[] }
  | { floats: readonly number[] }
  | { graph: GraphWriter }
  | readonly string[];

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Names of the outputs; one that is made up when absent. */
  readonly outputs?: readonly string[];
  readonly domain?: string;
}

/** Sizes that are names are dynamic; null is one without a name. */
export type GraphShape = readonly (number | string | null)[];

type Typed = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint16Array | Uint8Array;

const standardOpset = 17;
const machineLearningOpset = 3;
const irVersion = 8;

/** Writes a model node by node; a node's value is the name of its first output. */
export class GraphWriter {
  readonly #random: Random;
  /** Set before the names of values that it makes up, so that those of a body differ from the ones around it. */
  readonly #prefix: string;
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #weights: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  #bodies = 0;

  constructor(seed: number, prefix = '') {
    this.#random = new Random(seed);
    this.#prefix = prefix;
  }

  /** A graph inside this one, which sees the values that are made before the node that runs it. */
  body(): GraphWriter {
    return new GraphWriter(0, `${this.#prefix}body_${this.#bodies++}_`);
  }

  input(name: string, elementType: ElementType, shape: GraphShape): string {
    this.#inputs.push(valueInfo(name, elementType, shape));
    return name;
  }

  output(name: string, elementType: ElementType, shape: GraphShape): void {
    this.#outputs.push(valueInfo(name, elementType, shape));
  }

  /** A sequence of maps from class label to score, as ZipMap makes them. */
  mapsOutput(name: string): void {
    const scores = { value: { case: 'tensorType' as const, value: { elemType: ElementType.FLOAT } } };
    const map = { value: { case: 'mapType' as const, value: { keyType: ElementType.STRING, valueType: scores } } };
    this.#outputs.push({ name, type: { value: { case: 'sequenceType', value: { elemType: map } } } });
  }

  /** Random weights between -spread and spread. */
  weights(shape: readonly number[], spread: number): string {
    const count = shape.reduce((product, size) => product * size, 1);
    return this.constant(ElementType.FLOAT, this.#random.uniform(count, spread), shape);
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(ElementType.FLOAT, Float32Array.from(values), shape);
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.constant(ElementType.INT64, BigInt64Array.from(values, BigInt), shape);
  }

  strings(values: readonly string[], shape: readonly number[] = [values.length]): string {
    const stringData = values.map((text) => new TextEncoder().encode(text));
    return this.#initializer({ dataType: ElementType.STRING, dims: shape.map(BigInt), stringData });
  }

  /** A tensor of any other type, by the bytes of its elements. */
  constant(dataType: ElementType, values: Typed, shape: readonly number[] = [values.length]): string {
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength) as Uint8Array<ArrayBuffer>;
    return this.#initializer({ dataType, dims: shape.map(BigInt), rawData });
  }

  /** A tensor whose elements are the first bytes of a file beside the model's. */
  external(dataType: ElementType, shape: readonly number[], location: string): string {
    const externalData = [{ key: 'location', value: location }];
    const dataLocation = TensorProto_DataLocation.EXTERNAL;
    return this.#initializer({ dataType, dims: shape.map(BigInt), dataLocation, externalData });
  }

  node(opType: string, inputs: readonly string[], { attributes = {}, outputs, domain = '' }: NodeOptions = {}): string {
    const output = outputs ?? [`${this.#prefix}${opType}_${this.#nodes.length}`];
    const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...attributeContent(value) }));
    this.#nodes.push({ opType, domain, input: [...inputs], output: [...output], attribute });
    return output[0] as string;
  }

  /** The model's file. */
  finish(name: string, opset: number = standardOpset): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: 'slipway bench',
      opsetImport: [
        { domain: '', version: BigInt(opset) },
        { domain: 'ai.onnx.ml', version: BigInt(machineLearningOpset) },
      ],
      graph: this.content(name),
    });
    return toBinary(ModelProtoSchema, model);
  }

  content(name: string): MessageInitShape<typeof GraphProtoSchema> {
    return { name, node: this.#nodes, initializer: this.#weights, input: this.#inputs, output: this.#outputs };
  }

  #initializer(tensor: MessageInitShape<typeof TensorProtoSchema>): string {
    const name = `${this.#prefix}weights_${this.#weights.length}`;
    this.#weights.push({ ...tensor, name });
    return name;
  }
}

function attributeContent(value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  const encoder = new TextEncoder();
  if (typeof value === 'number') return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { type: AttributeType.STRING, s: encoder.encode(value) };
  if ('float' in value) return { type: AttributeType.FLOAT, f: value.float };
  if ('ints' in value) return { type: AttributeType.INTS, ints: value.ints.map(BigInt) };
  if ('floats' in value) return { type: AttributeType.FLOATS, floats: [...value.floats] };
  if ('graph' in value) return { type: AttributeType.GRAPH, g: value.graph.content('body') };
  return { type: AttributeType.STRINGS, strings: value.map((text) => encoder.encode(text)) };
}

function valueInfo(
  name: string,
  elemType: ElementType,
  shape: GraphShape,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) => {
    if (size === null) return {};
    return typeof size === 'string'
      ? { value: { case: 'dimParam' as const, value: size } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } };
  });
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}
