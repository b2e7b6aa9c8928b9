import type { FunctionOutline, GraphOutline, NodeOutline } from '../model-outline.js';
import {
  countedInputs,
  randomOperators,
  scaledByAll,
  sizedByFile,
  sizedByFirst,
  sizeInputs,
} from './size-operators.js';
import { fromFile, fromInputs, fromSizes, joined, sameFlow, type ValueFlow } from './value-flow.js';

/** Visits of nodes, those of bodies counted again each time; a file beyond them was made to take long. */
const mostVisits = 2_000_000;
/** Joining anew changes each of three facts at most twice. */
const mostTurns = 6;
const deepestCalls = 40;

/** The graph takes too long to be traced. */
export class TooManyVisits extends Error {}

/** Follows values through a graph, from what its inputs are, into bodies and functions. */
export class ValueTrace {
  readonly #functions: ReadonlyMap<string, FunctionOutline>;
  #visits = 0;
  /** Depth of bodies that run once for each element of something, perhaps for each row. */
  #repetitions = 0;
  #calls = 0;

  constructor(functions: readonly FunctionOutline[]) {
    this.#functions = new Map(functions.map((called) => [keyOf(called.domain, called.name), called]));
  }

  /** The flows of the graph's own values by name, those around it included. Throws TooManyVisits. */
  graph(
    { nodes, initializers }: Pick<GraphOutline, 'nodes' | 'initializers'>,
    given: ReadonlyMap<string, ValueFlow>,
    around?: Scope,
  ): Scope {
    const scope = new Scope(around);
    for (const { name } of initializers) scope.set(name, fromFile);
    for (const [name, flow] of given) scope.set(name, flow);
    for (const node of nodes) {
      if (++this.#visits > mostVisits) throw new TooManyVisits();
      const outputs = this.#node(node, scope);
      node.outputs.forEach((name, at) => {
        scope.set(name, outputs[Math.min(at, outputs.length - 1)] ?? fromFile);
      });
    }
    return scope;
  }

  /** Of each output, or one for all. */
  #node(node: NodeOutline, scope: Scope): readonly ValueFlow[] {
    const { operator, domain } = node;
    const inputs = node.inputs.map((name) => (name === '' ? fromFile : scope.get(name)));
    const called = this.#functions.get(keyOf(domain, operator));
    if (called !== undefined) return this.#call(called, inputs);
    if (domain === '' || domain === 'ai.onnx') {
      if (operator === 'If') return this.#if(node, inputs, scope);
      if (operator === 'Loop') return this.#loop(node, inputs, scope);
      if (operator === 'Scan') return this.#scan(node, inputs, scope);
    }
    return [plain(node, inputs)];
  }

  #call({ inputs: names, outputs, nodes }: FunctionOutline, inputs: readonly ValueFlow[]): readonly ValueFlow[] {
    if (++this.#calls > deepestCalls) throw new TooManyVisits();
    const given = new Map(names.map((name, at) => [name, inputs[at] ?? fromFile]));
    const scope = this.graph({ nodes, initializers: [] }, given);
    this.#calls--;
    return outputs.map((name) => scope.get(name));
  }

  #if(node: NodeOutline, inputs: readonly ValueFlow[], scope: Scope): readonly ValueFlow[] {
    const bodies = node.attributes.flatMap(({ graphs }) => graphs);
    const branches = bodies.map((body) => outputsOf(body, this.graph(body, new Map(), scope)));
    return node.outputs.map((_, at) => {
      const flow = joined([...branches.map((branch) => branch[at] ?? fromFile), ...inputs]);
      return this.#decides(inputs[0]) ? { ...flow, coupledBy: flow.coupledBy ?? 'If' } : flow;
    });
  }

  /** Inputs: how often, whether, what is carried; of the body: number, whether, what is carried. */
  #loop(node: NodeOutline, [most, goOn, ...carried]: readonly ValueFlow[], scope: Scope): readonly ValueFlow[] {
    const [body] = node.attributes.flatMap(({ graphs }) => graphs);
    if (body === undefined) return [joined(carried)];
    let state = carried;
    let ended: readonly ValueFlow[] = [];
    for (let turn = 0; turn < mostTurns; turn++) {
      const given = [fromSizes, goOn ?? fromFile, ...state];
      ended = this.#body(body, given, scope);
      const next = state.map((flow, at) => joined([flow, ended[at + 1] ?? fromFile]));
      if (next.every((flow, at) => sameFlow(flow, state[at] as ValueFlow))) break;
      state = next;
    }
    const given = [...state, ...ended.slice(1 + state.length)];
    const isCounted = [most, goOn, ended[0]].some((flow) => flow?.source === 'inputs');
    if (!isCounted) return given;
    // In a body that runs for each row, each row may have a loop of its own.
    const isOne = this.#repetitions === 0;
    return given.map((flow, at) => ({
      source: 'inputs',
      sizedBy: flow.sizedBy ?? (isOne || at >= state.length ? 'Loop' : undefined),
      coupledBy: flow.coupledBy ?? (isOne ? 'Loop' : undefined),
    }));
  }

  #scan(node: NodeOutline, inputs: readonly ValueFlow[], scope: Scope): readonly ValueFlow[] {
    const [body] = node.attributes.flatMap(({ graphs }) => graphs);
    if (body === undefined) return [joined(inputs)];
    const scanned = node.attributes.find(({ name }) => name === 'num_scan_inputs')?.integer ?? 1;
    const states = Math.max(0, body.inputs.length - scanned);
    // Before version 9 the lengths of the sequences came first.
    let given = inputs.slice(Math.max(0, inputs.length - body.inputs.length));
    let ended: readonly ValueFlow[] = [];
    for (let turn = 0; turn < mostTurns; turn++) {
      ended = this.#body(body, given, scope);
      const next = given.map((flow, at) => (at < states ? joined([flow, ended[at] ?? fromFile]) : flow));
      if (next.every((flow, at) => sameFlow(flow, given[at] as ValueFlow))) break;
      given = next;
    }
    return ended;
  }

  #body(body: GraphOutline, given: readonly ValueFlow[], scope: Scope): readonly ValueFlow[] {
    this.#repetitions++;
    const names = new Map(body.inputs.map(({ name }, at) => [name, given[at] ?? fromInputs]));
    const flows = outputsOf(body, this.graph(body, names, scope));
    this.#repetitions--;
    return flows;
  }

  /** One answer for all rows of a run; in a body it may be a row's own. */
  #decides(condition: ValueFlow | undefined): boolean {
    return condition?.source === 'inputs' && this.#repetitions === 0;
  }
}

/** Names of a graph, over those of the graph around it. */
export class Scope {
  readonly #flows = new Map<string, ValueFlow>();
  readonly #around: Scope | undefined;

  constructor(around: Scope | undefined) {
    this.#around = around;
  }

  get(name: string): ValueFlow {
    return this.#flows.get(name) ?? this.#around?.get(name) ?? fromFile;
  }

  set(name: string, flow: ValueFlow): void {
    this.#flows.set(name, flow);
  }
}

const outputsOf = (graph: GraphOutline, scope: Scope): readonly ValueFlow[] =>
  graph.outputs.map(({ name }) => scope.get(name));

const keyOf = (domain: string, name: string): string => `${domain === 'ai.onnx' ? '' : domain}:${name}`;

function plain({ operator, attributes }: NodeOutline, inputs: readonly ValueFlow[]): ValueFlow {
  const all = joined(inputs);
  if (operator === 'Shape' || operator === 'Size') {
    if (all.sizedBy !== undefined) return { source: 'inputs', coupledBy: all.coupledBy };
    return all.source === 'file' ? fromFile : fromSizes;
  }
  const source = all.sizedBy !== undefined || randomOperators.has(operator) ? 'inputs' : all.source;
  const coupledBy = all.coupledBy ?? (isCoupling(operator, attributes) && source === 'inputs' ? operator : undefined);
  return { source, sizedBy: sizedBy(operator, attributes, inputs), coupledBy };
}

function sizedBy(
  operator: string,
  attributes: NodeOutline['attributes'],
  inputs: readonly ValueFlow[],
): string | undefined {
  if (sizedByFile.has(operator)) return undefined;
  if (sizedByFirst.has(operator)) return inputs[0]?.sizedBy;
  const counted = countedInputs[operator] ?? (isFiltering(operator, attributes) ? [0] : []);
  const deciding = [...(sizeInputs[operator] ?? []), ...counted];
  if (deciding.some((at) => inputs[at]?.source === 'inputs')) return operator;
  if (isScalar(operator, attributes, inputs.length)) return undefined;
  return joined(inputs).sizedBy;
}

/** Words that are left out shorten what is given. */
const isFiltering = (operator: string, attributes: NodeOutline['attributes']): boolean =>
  operator === 'StringNormalizer' && attributes.some(({ name }) => name === 'stopwords');

/** A reduction of everything to one number. */
function isScalar(operator: string, attributes: NodeOutline['attributes'], inputs: number): boolean {
  const attributeOf = (name: string) => attributes.find((attribute) => attribute.name === name);
  return (
    operator.startsWith('Reduce') &&
    inputs < 2 &&
    attributeOf('axes') === undefined &&
    attributeOf('keepdims')?.integer === 0
  );
}

const isCoupling = (operator: string, attributes: NodeOutline['attributes']): boolean =>
  scaledByAll.has(operator) ||
  (operator === 'BatchNormalization' &&
    attributes.some(({ name, integer }) => name === 'training_mode' && integer === 1));
