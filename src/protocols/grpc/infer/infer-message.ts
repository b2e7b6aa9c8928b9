import { invalidArgument } from '../../../core/serving-error.js';
import type { Parameters } from '../../open-inference/parameters.js';
import { int64Of, MessageReader } from '../wire/message-reader.js';

/** A `ModelInferRequest` as it lies in its message: nothing of its tensors was read yet. */
export interface InferMessage {
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InputMessage[];
  readonly outputs: readonly OutputMessage[];
  /** Each shares memory with the message. */
  readonly raw: readonly Buffer[];
}

export interface InputMessage {
  readonly name: string;
  readonly dataType: string;
  readonly shape: number[];
  readonly parameters: Parameters;
  /** Parts of one `InferTensorContents`; none where the field is absent. */
  readonly contents: readonly Buffer[];
}

export interface OutputMessage {
  readonly name: string;
  readonly parameters: Parameters;
}

/** The model that a `ModelInferRequest` names, and the version as it is written there. */
export function readModelName(body: Buffer): { name: string; version: string } {
  const reader = new MessageReader(body, 'ModelInferRequest');
  let name = '';
  let version = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.string();
    else if (field === 2) version = reader.string();
    else reader.skip();
  }
  return { name, version };
}

/** The request's id; empty where it has none, or cannot be read. */
export function readRequestId(body: Buffer): string {
  const reader = new MessageReader(body, 'ModelInferRequest');
  let id = '';
  try {
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 3) id = reader.string();
      else reader.skip();
    }
  } catch {
    // What is wrong with it is told already.
  }
  return id;
}

/** How many bytes of a `ModelInferRequest` are not raw tensors. */
export function bytesBesideRaw(body: Buffer): number {
  const reader = new MessageReader(body, 'ModelInferRequest');
  let raw = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 7) raw += reader.bytesLength();
    else reader.skip();
  }
  return body.length - raw;
}

export function readInferMessage(body: Buffer): InferMessage {
  const reader = new MessageReader(body, 'ModelInferRequest');
  const parameters = noParameters();
  const inputs: InputMessage[] = [];
  const outputs: OutputMessage[] = [];
  const raw: Buffer[] = [];
  let id = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 3:
        id = reader.string();
        break;
      case 4:
        readParameter(reader.message('parameters'), parameters);
        break;
      case 5:
        add(inputs, 'inputs', readInput(reader.message(`inputs[${inputs.length}]`)));
        break;
      case 6:
        add(outputs, 'outputs', readOutput(reader.message(`outputs[${outputs.length}]`)));
        break;
      case 7:
        add(raw, 'raw_input_contents', reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  return { id, parameters, inputs, outputs, raw };
}

/** An empty item costs its sender two bytes, and an object here. */
const mostItems = 2 ** 16;

function add<Item>(items: Item[], name: string, item: Item): void {
  if (items.length === mostItems) throw invalidArgument(`${name}: expected ${mostItems} items at most`);
  items.push(item);
}

function readInput(reader: MessageReader): InputMessage {
  const shape: number[] = [];
  const parameters = noParameters();
  const contents: Buffer[] = [];
  let name = '';
  let dataType = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        name = reader.string();
        break;
      case 2:
        dataType = reader.string();
        break;
      case 3:
        reader.integers((low, high) => add(shape, 'shape', int64Of(low, high)));
        break;
      case 4:
        readParameter(reader.message('parameters'), parameters);
        break;
      case 5:
        add(contents, 'contents', reader.bytes());
        break;
      default:
        reader.skip();
    }
  }
  return { name, dataType, shape, parameters, contents };
}

function readOutput(reader: MessageReader): OutputMessage {
  const parameters = noParameters();
  let name = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.string();
    else if (field === 2) readParameter(reader.message('parameters'), parameters);
    else reader.skip();
  }
  return { name, parameters };
}

/** Without what every object inherits: names come from callers. */
const noParameters = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

/** An entry of `map<string, InferParameter>`. */
function readParameter(entry: MessageReader, parameters: Record<string, unknown>): void {
  let key = '';
  let value: unknown;
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === 1) key = entry.string();
    else if (field === 2) value = readParameterValue(entry.message('parameters'));
    else entry.skip();
  }
  parameters[key] = value;
}

function readParameterValue(reader: MessageReader): unknown {
  let value: unknown;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) value = reader.bool();
    else if (field === 2) value = reader.int64();
    else if (field === 3) value = reader.string();
    else if (field === 4) value = reader.double();
    else if (field === 5) value = reader.uint64();
    else reader.skip();
  }
  return value;
}
