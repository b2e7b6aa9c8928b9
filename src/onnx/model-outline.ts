import type { ByteRange, FieldRange } from './file-window.js';
import type { ValueType } from './value-type.js';

/** A model file without its payloads: what the graph says, and where in the file it says it. */
export interface ModelOutline {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: bigint;
  readonly docString: string;
  /** The default domain is `ai.onnx`. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Where the import of the default domain lies. */
  readonly standardOpsets: readonly FieldRange[];
  readonly properties: ReadonlyMap<string, string>;
  readonly graph: GraphOutline;
  readonly functions: readonly FunctionOutline[];
}

export interface GraphOutline {
  readonly range: FieldRange;
  readonly name: string;
  readonly docString: string;
  readonly nodes: readonly NodeOutline[];
  readonly initializers: readonly TensorOutline[];
  readonly inputs: readonly ValueOutline[];
  readonly outputs: readonly ValueOutline[];
  /** Types of intermediate values, by position in the file; read on demand. */
  readonly valueInfos: readonly FieldRange[];
}

/** An input or output of a graph. */
export interface ValueOutline {
  readonly range: FieldRange;
  readonly name: string;
  readonly type: ValueType;
  readonly description: string;
}

export interface FunctionOutline {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeOutline[];
}

export interface NodeOutline {
  readonly range: FieldRange;
  readonly name: string;
  readonly domain: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly AttributeOutline[];
}

export interface AttributeOutline {
  readonly range: FieldRange;
  readonly name: string;
  /** Its value, where that is an integer. */
  readonly integer?: number;
  /** Its value, or the first elements of it, where that is a list of integers. */
  readonly integers?: readonly number[];
  /** The bodies of control flow. */
  readonly graphs: readonly GraphOutline[];
  readonly tensors: readonly TensorOutline[];
}

export interface TensorOutline {
  readonly range: FieldRange;
  readonly name: string;
  /** As `TensorProto.DataType` numbers it. */
  readonly elementType: number;
  readonly dims: readonly number[];
  /** Its elements, where they are a few 64-bit integers: sizes, axes. */
  readonly integers?: readonly number[];
  /** Where its elements lie in this file, where they are many and lie side by side. */
  readonly bytes?: ByteRange;
  /** Where its elements lie when they lie in another file. */
  readonly external?: ExternalData;
}

export interface ExternalData {
  /** Relative to the model file's folder. */
  readonly location: string;
  readonly offset: number;
  /** Absent when the file holds nothing else. */
  readonly length?: number;
}

/** Calls `visit` with the graph and every graph within it. */
export function visitGraphs(graph: GraphOutline, visit: (graph: GraphOutline) => void): void {
  visit(graph);
  for (const node of graph.nodes) visitNodeGraphs(node, visit);
}

export function visitNodeGraphs(node: NodeOutline, visit: (graph: GraphOutline) => void): void {
  for (const attribute of node.attributes) for (const body of attribute.graphs) visitGraphs(body, visit);
}

export const integerOf = ({ attributes }: NodeOutline, name: string): number | undefined =>
  attributes.find((attribute) => attribute.name === name)?.integer;

/** The first elements, of a list. */
export const integersOf = ({ attributes }: NodeOutline, name: string): readonly number[] | undefined =>
  attributes.find((attribute) => attribute.name === name)?.integers;
