import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import type { Tensor } from '../../core/tensor.js';
import type { InferenceReading, ModelFacts } from '../../inference/inference-codec.js';
import type { HttpMessage } from '../http/http-call.js';
import { isPicture, readPictureBody } from '../picture-bodies.js';
import { asFields, bodyFields, type Fields, own, textTensor } from '../task-body.js';

export interface HubWishes {
  /** Whether rows stand in a list; what a sole input came to stands by itself. */
  readonly isList: boolean;
}

/** `options` are for the hub itself. */
const known = ['inputs', 'parameters', 'options'];
/** Labels of a picture, where nobody says how many: as the hub has it. */
const usualLabels = 5;

/** `{"inputs", "parameters"}`, or a picture as the body. Throws INVALID_ARGUMENT where the model has no task. */
export function readHubRequest(message: HttpMessage, model: ModelFacts): InferenceReading<HubWishes> {
  const [input] = model.signature.inputs;
  if (input?.content === 'base64') return readPictures(message, model);
  if (input?.name === 'text') return readTexts(message, model);
  throw invalidArgument('the model has no task that is served here; its tensors are, at /v2/models');
}

function readPictures(message: HttpMessage, model: ModelFacts): InferenceReading<HubWishes> {
  const isBytes = isPicture(message.body) || message.headers['content-type'] === 'application/octet-stream';
  const sent = readPictureBody(message, model) ?? (isBytes ? asBody(message.body) : undefined);
  if (sent !== undefined) {
    const { inputs, count, parameters = {} } = sent;
    return { inputs, parameters: withLabels(parameters, model, usualLabels), wishes: { isList: count > 1 } };
  }
  const { given, parameters } = readFields(message.body);
  const items: readonly unknown[] = Array.isArray(given) ? given : [given];
  const data = items.map((item, index) => {
    if (typeof item === 'string') return item;
    const where = Array.isArray(given) ? `inputs[${index}]` : 'inputs';
    throw invalidArgument(`${where}: expected a picture in base64, got ${shownValue(item)}`);
  });
  return {
    inputs: new Map([['image', textTensor(data)]]),
    parameters: withLabels(parameters, model, usualLabels),
    wishes: { isList: Array.isArray(given) },
  };
}

/** Clients that hold no more than bytes call them by no type. */
const asBody = (body: Buffer) => ({
  inputs: new Map([['image', textTensor([body.toString('base64')])]]),
  count: 1,
  parameters: undefined,
});

function readTexts({ body }: HttpMessage, model: ModelFacts): InferenceReading<HubWishes> {
  const { given, parameters } = readFields(body);
  const isSole = !Array.isArray(given);
  const items: readonly unknown[] = isSole ? [given] : given;
  const pairs = items.map((item, index) => textsOf(item, isSole ? 'inputs' : `inputs[${index}]`));
  const inputs = new Map<string, Tensor>([['text', textTensor(pairs.map(({ text }) => text))]]);
  // An empty second text is as good as none.
  const isOfPairs = pairs.some(({ pair }) => pair !== undefined);
  if (isOfPairs) inputs.set('text_pair', textTensor(pairs.map(({ pair = '' }) => pair)));
  return {
    inputs,
    parameters: withLabels(parameters, model, Number.MAX_SAFE_INTEGER),
    // Labels of one text stand in a list of lists, too.
    wishes: { isList: !isSole || givesLabels(model) },
  };
}

function readFields(body: Uint8Array): { readonly given: unknown; readonly parameters: Fields } {
  const fields = bodyFields(body, known);
  return { given: own(fields, 'inputs'), parameters: asFields(own(fields, 'parameters') ?? {}, 'parameters') };
}

const givesLabels = ({ signature }: ModelFacts): boolean => signature.outputs.some(({ name }) => name === 'label');

const withLabels = (parameters: Fields, model: ModelFacts, count: number): Fields =>
  givesLabels(model) && own(parameters, 'top_k') === undefined ? { ...parameters, top_k: count } : parameters;

function textsOf(item: unknown, where: string): { readonly text: string; readonly pair?: string } {
  if (typeof item === 'string') return { text: item };
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw invalidArgument(`${where}: expected a string, or an object with "text", got ${shownValue(item)}`);
  }
  const [text, pair] = ['text', 'text_pair'].map((name) => own(item as Fields, name));
  if (typeof text !== 'string') throw invalidArgument(`${where}.text: expected a string, got ${shownValue(text)}`);
  if (pair === undefined) return { text };
  if (typeof pair !== 'string') throw invalidArgument(`${where}.text_pair: expected a string, got ${shownValue(pair)}`);
  return { text, pair };
}
