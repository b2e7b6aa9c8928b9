import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from '../../src/onnx/schema/onnx_pb.js';
import { Random } from './random.js';

export { ElementType };

/** A number is an int attribute; `{ float }` says that it is not. */
export type Attribute = number | string | { float: number } | { ints: number[] } | { floats: number[] } | string[];

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Names of the outputs; one that is made up when absent. */
  readonly outputs?: readonly string[];
  readonly domain?: string;
}

const standardOpset = 17;
const machineLearningOpset = 3;
const irVersion = 8;

/** Writes a model node by node; a node's value is the name of its first output. Sizes that are names are dynamic. */
export class GraphWriter {
  readonly #random: Random;
  readonly #nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  readonly #weights: MessageInitShape<typeof TensorProtoSchema>[] = [];
  readonly #inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  readonly #outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  input(name: string, elementType: ElementType, shape: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, elementType, shape));
    return name;
  }

  output(name: string, elementType: ElementType, shape: readonly (number | string)[]): void {
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
    return this.#initializer(ElementType.FLOAT, shape, this.#random.uniform(count, spread));
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#initializer(ElementType.FLOAT, shape, Float32Array.from(values));
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#initializer(ElementType.INT64, shape, BigInt64Array.from(values, BigInt));
  }

  node(opType: string, inputs: readonly string[], { attributes = {}, outputs, domain = '' }: NodeOptions = {}): string {
    const output = outputs ?? [`${opType}_${this.#nodes.length}`];
    const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...attributeContent(value) }));
    this.#nodes.push({ opType, domain, input: [...inputs], output: [...output], attribute });
    return output[0] as string;
  }

  /** The model's file. */
  finish(name: string): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: 'slipway bench',
      opsetImport: [
        { domain: '', version: BigInt(standardOpset) },
        { domain: 'ai.onnx.ml', version: BigInt(machineLearningOpset) },
      ],
      graph: { name, node: this.#nodes, initializer: this.#weights, input: this.#inputs, output: this.#outputs },
    });
    return toBinary(ModelProtoSchema, model);
  }

  #initializer(dataType: ElementType, shape: readonly number[], values: Float32Array | BigInt64Array): string {
    const name = `weights_${this.#weights.length}`;
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength) as Uint8Array<ArrayBuffer>;
    this.#weights.push({ name, dataType, dims: shape.map(BigInt), rawData });
    return name;
  }
}

function attributeContent(value: Attribute): MessageInitShape<typeof AttributeProtoSchema> {
  const encoder = new TextEncoder();
  if (typeof value === 'number') return { type: AttributeType.INT, i: BigInt(value) };
  if (typeof value === 'string') return { type: AttributeType.STRING, s: encoder.encode(value) };
  if (Array.isArray(value)) {
    return { type: AttributeType.STRINGS, strings: value.map((text) => encoder.encode(text)) };
  }
  if ('float' in value) return { type: AttributeType.FLOAT, f: value.float };
  if ('ints' in value) return { type: AttributeType.INTS, ints: value.ints.map(BigInt) };
  return { type: AttributeType.FLOATS, floats: value.floats };
}

function valueInfo(
  name: string,
  elemType: ElementType,
  shape: readonly (number | string)[],
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === 'string'
      ? { value: { case: 'dimParam' as const, value: size } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  return { name, type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } } };
}
