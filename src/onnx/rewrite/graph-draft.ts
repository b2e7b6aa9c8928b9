import { ServingError } from '../../core/serving-error.js';
import type { FieldRange } from '../file-window.js';
import type { DeclaredValue, ModelFile } from '../model-file.js';
import { visitGraphs } from '../model-outline.js';
import type { NodeProto, TensorProto } from '../schema/onnx_pb.js';
import type { GraphIo } from './graph-io.js';

/** What has to change in a file for it to hold a drafted graph. */
export interface GraphChanges {
  /** Fields of the file's graph that are to go. */
  readonly hidden: ReadonlySet<FieldRange>;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly GraphIo[];
  readonly outputs: readonly GraphIo[];
  /** Values of the file's own nodes that go by another name. */
  readonly renames: ReadonlyMap<string, string>;
  /** The version of the standard operator set, where it is not the file's. */
  readonly opset: number | undefined;
  readonly irVersion: number | undefined;
}

/** What the operators that rewrites add have meant the same since, for files that import none of them. */
const opsetOfAdditions = 13;

/**
 * A graph as it is to be loaded: the file's, less what a rewrite hides, plus what it adds.
 * Rewrites act on it one after another, each on the inputs and outputs that the ones before left.
 */
export class GraphDraft {
  readonly file: ModelFile;
  /** What was changed, a sentence each. */
  readonly sentences: string[] = [];
  /** Those of them about outputs that nobody gets. */
  readonly leftOut: string[] = [];
  /** Why requests must not share a run; absent where nothing speaks against it. */
  unbatchable: string | undefined;
  readonly #hidden = new Set<FieldRange>();
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #renames = new Map<string, string>();
  #inputs: readonly GraphIo[];
  #outputs: readonly GraphIo[];
  #names: Set<string> | undefined;
  #opset: number | undefined;
  #irVersion: number | undefined;

  constructor(file: ModelFile) {
    this.file = file;
    this.#inputs = file.inputs.map(ioOf);
    this.#outputs = file.outputs.map(ioOf);
  }

  /** In the order of the file. */
  get inputs(): readonly GraphIo[] {
    return this.#inputs;
  }

  get outputs(): readonly GraphIo[] {
    return this.#outputs;
  }

  /** What the file has to become; undefined where it may stay as it is. */
  get changes(): GraphChanges | undefined {
    const isAsItWas = this.#opset === undefined && this.#irVersion === undefined;
    if (isAsItWas && this.#hidden.size === 0 && this.#nodes.length === 0) return undefined;
    return {
      hidden: this.#hidden,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs.filter(isAdded),
      outputs: this.#outputs.filter(isAdded),
      renames: this.#renames,
      opset: this.#opset ?? (this.opset === 0 && this.#nodes.length > 0 ? opsetOfAdditions : undefined),
      irVersion: this.#irVersion,
    };
  }

  /** Version of the standard operator set that the graph's nodes are written in; 0 where the file imports none. */
  get opset(): number {
    return this.#opset ?? this.file.outline.opsets.get('ai.onnx') ?? 0;
  }

  /** Every standard node of the graph is written in this version now. */
  setOpset(version: number): void {
    this.#opset = version;
  }

  setIrVersion(version: number): void {
    this.#irVersion = version;
  }

  note(sentence: string): void {
    this.sentences.push(sentence);
  }

  /** Takes a field of the file's graph away. */
  hide(range: FieldRange): void {
    this.#hidden.add(range);
  }

  isHidden(range: FieldRange): boolean {
    return this.#hidden.has(range);
  }

  /** A name that nothing in the graph has. */
  freshName(base: string): string {
    this.#names ??= namesIn(this.file);
    let name = base;
    for (let count = 2; this.#names.has(name); count++) name = `${base}_${count}`;
    this.#names.add(name);
    return name;
  }

  /** Outputs that a node makes; others pass an input or a constant on. */
  computedOutputs(): readonly GraphIo[] {
    const made = new Set(this.file.outline.graph.nodes.flatMap(({ outputs }) => outputs));
    for (const node of this.#nodes) for (const name of node.output) made.add(name);
    return this.#outputs.filter(({ name }) => made.has(name));
  }

  /** Puts others in the place of one; the graph takes what they bring in. */
  replaceInput(io: GraphIo, replacements: readonly GraphIo[]): void {
    this.#inputs = this.#replaced(this.#inputs, io, replacements);
  }

  replaceOutput(io: GraphIo, replacements: readonly GraphIo[]): void {
    this.#outputs = this.#replaced(this.#outputs, io, replacements);
  }

  leaveOut(io: GraphIo, reason: string): void {
    this.replaceOutput(io, []);
    const sentence = `output "${io.name}" is left out: ${reason}`;
    this.leftOut.push(sentence);
    this.note(sentence);
  }

  /** Tells more about an input or output; the graph stays as it is. */
  describeInput(io: GraphIo, facts: Pick<GraphIo, 'classLabels' | 'defaultValue'>): void {
    this.#inputs = this.#inputs.map((known) => (known === io ? { ...known, ...facts } : known));
  }

  describeOutput(io: GraphIo, facts: Pick<GraphIo, 'classLabels'>): void {
    this.#outputs = this.#outputs.map((known) => (known === io ? { ...known, ...facts } : known));
  }

  /** Leaves it in the file, but out of what callers are told of. */
  forgetInput(io: GraphIo): void {
    this.#inputs = this.#inputs.filter((known) => known !== io);
  }

  /**
   * Gives the value of an input or output another name within the graph, so that its own name is free for what
   * callers give or get instead. Returns the new name.
   */
  setAside(io: GraphIo): string {
    const inner = this.freshName(`${io.name}/in the graph`);
    if (!isAdded(io)) this.#renames.set(io.name, inner);
    for (const node of this.#nodes) renameInAddedNode(node, io.name, inner);
    return inner;
  }

  add(...nodes: readonly NodeProto[]): void {
    this.#nodes.push(...nodes);
  }

  /** Adds a constant; returns its name. */
  addConstant(tensor: TensorProto): string {
    this.#initializers.push(tensor);
    return tensor.name;
  }

  #replaced(ios: readonly GraphIo[], io: GraphIo, replacements: readonly GraphIo[]): readonly GraphIo[] {
    if (!ios.includes(io)) throw new ServingError('INTERNAL', `"${io.name}" was replaced before`);
    if (io.declaration !== undefined) this.hide(io.declaration);
    return ios.flatMap((known) => (known === io ? replacements : [known]));
  }
}

const isAdded = ({ declaration }: GraphIo): boolean => declaration === undefined;

const ioOf = ({ name, type, description, range }: DeclaredValue): GraphIo => ({
  name,
  type,
  description,
  declaration: range,
});

function namesIn({ outline }: ModelFile): Set<string> {
  const names = new Set<string>();
  visitGraphs(outline.graph, ({ inputs, outputs, initializers, nodes }) => {
    for (const { name } of [...inputs, ...outputs, ...initializers]) names.add(name);
    for (const node of nodes) for (const name of [...node.inputs, ...node.outputs]) names.add(name);
  });
  return names;
}

function renameInAddedNode(node: NodeProto, from: string, to: string): void {
  const renamed = (name: string): string => (name === from ? to : name);
  node.input = node.input.map(renamed);
  node.output = node.output.map(renamed);
  for (const { g } of node.attribute) for (const inner of g?.node ?? []) renameInAddedNode(inner, from, to);
}
