import {
  extentOf,
  fieldOf,
  isObject,
  type JsonDocument,
  type JsonNode,
  type JsonObject,
  kindOf,
  parseJson,
  plainFields,
  requireObject,
} from '../../codecs/json-document.js';
import type { NonFinite } from '../../codecs/json-writer.js';
import { asBuffer, latin1Text } from '../../codecs/utf8.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import { bytesOfAll, type Tensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import type { InferenceCodec, InferenceReading, ModelFacts, Results } from '../../inference/inference-codec.js';
import { type CodecDefaults, nonFiniteOf } from '../codec-defaults.js';
import type { HttpContent, HttpMessage } from '../http/http-call.js';
import { readPictureBody } from '../picture-bodies.js';
import { type GivenInput, meantSignature } from '../signature-lookup.js';
import type { SentRows } from '../tensorflow-serving/row-layout.js';
import { scoresOf, valuesOf } from '../tensorflow-serving/task-outputs.js';
import { readColumnForm } from './column-form.js';
import { writeOutputs, writePredictions } from './predict-response.js';
import { type Rows, readRowForm } from './row-form.js';
import { writeClasses, writeValues } from './task-responses.js';

interface PredictWishes {
  /** The rows that were sent in row form; absent for the column form. */
  readonly rows: SentRows | undefined;
  readonly nonFinite: NonFinite;
}

interface ExamplesWishes {
  readonly rows: SentRows;
  readonly nonFinite: NonFinite;
}

export interface V1Codecs {
  readonly predict: InferenceCodec<HttpMessage, HttpContent, PredictWishes>;
  readonly classify: InferenceCodec<HttpMessage, HttpContent, ExamplesWishes>;
  readonly regress: InferenceCodec<HttpMessage, HttpContent, ExamplesWishes>;
}

const headers = { 'content-type': 'application/json' };
/** All of it is JSON, both ways. */
const sizes = {
  readingBytes: ({ body }: HttpMessage): number => body.length,
  writingBytes: (_wishes: unknown, { outputs }: Results): number => bytesOfAll(outputs),
};

/** Of bodies that are no JSON. */
const pictureType = /^\s*(?:image|multipart)\//i;

/** Pictures as the body, each a row; undefined where it is JSON. */
function readPictures(call: HttpMessage, model: ModelFacts): PredictRequest | undefined {
  const read = readPictureBody(call, model);
  if (read === undefined) return undefined;
  const { inputs, count, parameters } = read;
  return {
    inputs,
    rows: { inputs, sent: { count }, layout: {} },
    signature: undefined,
    parameters,
    nonFinite: undefined,
  };
}

/** The three calls. */
export function v1Codecs({ nonFinite: fallback, largestResponseBytes: mostBytes }: CodecDefaults): V1Codecs {
  const readExamples = (call: HttpMessage, model: ModelFacts, output: TensorSpec): InferenceReading<ExamplesWishes> => {
    const examples = readExamplesRequest(call.body, model, output);
    const wish = call.query.non_finite ?? examples.nonFinite;
    const wishes = { rows: examples.sent, nonFinite: wish === undefined ? fallback : nonFiniteOf(wish) };
    return { inputs: examples.inputs, outputs: [output.name], separateRows: examples.layout, wishes };
  };
  return {
    predict: {
      ...sizes,
      name: 'v1 predict',
      read: (call, model) => {
        const { inputs, rows, signature, parameters, nonFinite } =
          (pictureType.test(call.headers['content-type'] ?? '') ? readPictures(call, model) : undefined) ??
          readPredictRequest(call.body, model);
        const wish = call.query.non_finite ?? nonFinite;
        const wishes = { rows: rows?.sent, nonFinite: wish === undefined ? fallback : nonFiniteOf(wish) };
        return { inputs, separateRows: rows?.layout, signature, parameters, wishes };
      },
      write: ({ rows, nonFinite }, { outputs }, { signature }) => {
        const response = { outputs, signature };
        const options = { nonFinite, mostBytes };
        const body = rows === undefined ? writeOutputs(response, options) : writePredictions(response, rows, options);
        return { body, headers };
      },
    },
    classify: {
      ...sizes,
      name: 'v1 classify',
      read: (call, model) => readExamples(call, model, scoresOf(model.signature)),
      write: ({ rows, nonFinite }, { outputs }, { signature }) => {
        const options = { nonFinite, mostBytes };
        return { body: writeClasses(outputs, { rows, spec: scoresOf(signature), options }), headers };
      },
    },
    regress: {
      ...sizes,
      name: 'v1 regress',
      read: (call, model) => readExamples(call, model, valuesOf(model.signature)),
      write: ({ rows, nonFinite }, { outputs }) => ({
        body: writeValues(outputs, rows, { nonFinite, mostBytes }),
        headers,
      }),
    },
  };
}

interface PredictRequest {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The rows that were sent in row form; absent for the column form. */
  readonly rows?: Rows;
  readonly signature: InferenceReading['signature'];
  /** What a task is asked for. */
  readonly parameters: InferenceReading['parameters'];
  /** The answer's `non_finite` that the body asks for. */
  readonly nonFinite: unknown;
}

interface ExamplesRequest extends Rows {
  readonly nonFinite: unknown;
}

const predictBody = 'a JSON object with "instances" (an array, one item a row) or "inputs" (whole tensors)';
const examplesBody = 'a JSON object with "examples": an array of objects, feature name → value';

/** The body of predict. Throws INVALID_ARGUMENT naming the input, what was expected and what came. */
function readPredictRequest(bytes: Uint8Array, model: ModelFacts): PredictRequest {
  const { document, root, nonFinite, signatureName, parameters } = readBody(bytes, predictBody);
  const instances = fieldOf(root, 'instances') ?? undefined;
  const inputs = fieldOf(root, 'inputs') ?? undefined;
  if (instances !== undefined && inputs !== undefined) {
    throw invalidArgument('the body has both "instances" and "inputs"; send one of them');
  }
  const { facts, signature } = meantSignature(
    model,
    model.tensors === undefined ? [] : givenIn(document, instances ?? inputs),
    signatureName,
  );
  if (instances !== undefined) {
    const rows = readRowForm(document, instances, { model: facts, key: 'instances' });
    return { inputs: rows.inputs, rows, signature, parameters, nonFinite };
  }
  if (inputs !== undefined) {
    const columns = readColumnForm(document, inputs, facts.signature);
    return { inputs: columns, signature, parameters, nonFinite };
  }
  throw invalidArgument(`the body has ${describeKeys(root)}; send ${predictBody}`);
}

/** The body of classify and regress, which ask for one output: features are inputs, and those in `context` are every example's. */
function readExamplesRequest(bytes: Uint8Array, model: ModelFacts, output: TensorSpec): ExamplesRequest {
  const { document, root, nonFinite } = readBody(bytes, examplesBody);
  const examples = fieldOf(root, 'examples');
  if (examples === undefined) throw invalidArgument(`the body has no "examples"; send ${examplesBody}`);
  const context = fieldOf(root, 'context') ?? undefined;
  const items = context === undefined ? examples : withContext(examples, requireObject(context, 'context'));
  return { ...readRowForm(document, items, { model, key: 'examples', outputs: [output] }), nonFinite };
}

/** The inputs of the first row, or of the whole. */
function givenIn(document: JsonDocument, node: JsonNode | undefined): readonly GivenInput[] {
  const first = Array.isArray(node) ? node[0] : node;
  if (!isObject(first)) return [{ name: undefined, isNumeric: typeof first === 'number' && isOfRows(document, first) }];
  return Object.entries(first).map(([name, value]) => ({ name, isNumeric: isNumeric(value) }));
}

/** Whether numbers without a name are rows of them: a single number is no tensor that anybody meant. */
function isOfRows(document: JsonDocument, numbers: number): boolean {
  const { start, end } = extentOf(document, numbers);
  return /^\[\s*\[/.test(latin1Text(asBuffer(document.bytes), start, Math.min(end, start + mostSpaces)));
}

const mostSpaces = 64;

/** A number, or an array that begins with one. */
const isNumeric = (node: JsonNode | undefined): boolean => typeof (Array.isArray(node) ? node[0] : node) === 'number';

interface RequestBody {
  readonly document: JsonDocument;
  readonly root: JsonObject;
  readonly nonFinite: unknown;
  readonly signatureName: string;
  readonly parameters: InferenceReading['parameters'];
}

/** What all have in common. `expected` is shown to whoever sends nothing. */
function readBody(bytes: Uint8Array, expected: string): RequestBody {
  if (bytes.length === 0) throw invalidArgument(`the body is empty; send ${expected}`);
  const document = parseJson(bytes);
  const root = requireObject(document.root, 'the body');
  const name = fieldOf(root, 'signature_name') ?? '';
  if (typeof name !== 'string') throw invalidArgument(`signature_name: expected a string, got ${kindOf(name)}`);
  const parameters = fieldOf(root, 'parameters') ?? undefined;
  if (parameters === undefined) {
    return { document, root, nonFinite: undefined, signatureName: name, parameters: undefined };
  }
  const { non_finite: nonFinite, ...others } = plainFields(document, parameters, 'parameters');
  return { document, root, nonFinite, signatureName: name, parameters: others };
}

function withContext(examples: JsonNode, context: JsonObject): JsonNode {
  if (!Array.isArray(examples))
    throw invalidArgument(`examples: expected an array of objects, got ${kindOf(examples)}`);
  return examples.map((example) => (isObject(example) ? { ...context, ...example } : example));
}

function describeKeys(root: JsonObject): string {
  const keys = Object.keys(root)
    .slice(0, 5)
    .map((key) => shownValue(key));
  return keys.length === 0 ? 'neither "instances" nor "inputs"' : `only ${keys.join(', ')}`;
}
