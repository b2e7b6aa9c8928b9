import { invalidArgument, responseTooLarge } from '../../../core/serving-error.js';
import { bytesOfAll, type Tensor } from '../../../core/tensor.js';
import type { InferenceCodec, InferenceReading, ModelFacts, Results } from '../../../inference/inference-codec.js';
import type { CodecDefaults } from '../../codec-defaults.js';
import { inputLookup, meantSignature, outputSpec, requireInputs } from '../../signature-lookup.js';
import type { GrpcMessage, GrpcResponse } from '../infer/infer-codec.js';
import { MessageReader } from '../wire/message-reader.js';
import { MessageWriter } from '../wire/message-writer.js';
import { writtenModelSpec } from './model-spec.js';
import { isNumeric, readTensorProto, writeTensorProto } from './tensor-proto.js';

/** `PredictionService.Predict`: whole tensors by their names, as v1's column form. */
export function predictCodec({
  largestResponseBytes,
}: Pick<CodecDefaults, 'largestResponseBytes'>): InferenceCodec<GrpcMessage, GrpcResponse, undefined> {
  return {
    name: 'grpc predict',
    readingBytes: ({ body }) => body.length,
    read: ({ body }, model) => readPredictRequest(body, model),
    writingBytes: (_wishes, { outputs }) => bytesOfAll(outputs),
    write: (_wishes, results) => ({ body: writePredictResponse(results, largestResponseBytes) }),
  };
}

function readPredictRequest(body: Buffer, model: ModelFacts): InferenceReading<undefined> {
  const reader = new MessageReader(body, 'PredictRequest');
  const entries: { readonly name: string; readonly tensor: Buffer }[] = [];
  const wanted: string[] = [];
  let said = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) said = signatureName(reader.message('model_spec'));
    else if (field === 2) entries.push(readEntry(reader.message('inputs')));
    else if (field === 3) wanted.push(reader.string());
    else reader.skip();
  }
  const given =
    model.tensors === undefined
      ? []
      : entries.map(({ name, tensor }) => ({ name, isNumeric: isNumeric(tensor, name) }));
  const { facts, signature } = meantSignature(model, given, said);
  const specOf = inputLookup(facts.signature);
  const inputs = new Map<string, Tensor>();
  for (const { name, tensor } of entries) {
    if (inputs.has(name)) throw invalidArgument(`input "${name}" is given twice`);
    inputs.set(name, readTensorProto(tensor, specOf(name)));
  }
  const outputs = new Set<string>();
  for (const name of wanted) {
    if (outputs.has(outputSpec(facts.signature, name).name)) {
      throw invalidArgument(`output "${name}" is asked for twice`);
    }
    outputs.add(name);
  }
  requireInputs(facts.signature, (name) => inputs.has(name), 'inputs');
  return { inputs, outputs: outputs.size === 0 ? undefined : [...outputs], signature, wishes: undefined };
}

/** Of a `ModelSpec`. */
function signatureName(spec: MessageReader): string {
  let name = '';
  for (let field = spec.next(); field !== 0; field = spec.next()) {
    if (field === 3) name = spec.string();
    else spec.skip();
  }
  return name;
}

/** An entry of `map<string, TensorProto>`. */
function readEntry(entry: MessageReader): { name: string; tensor: Buffer } {
  let name = '';
  let tensor: Buffer = Buffer.alloc(0);
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === 1) name = entry.string();
    else if (field === 2) tensor = entry.bytes();
    else entry.skip();
  }
  return { name, tensor };
}

function writePredictResponse({ id, outputs }: Results, mostBytes: number): Buffer {
  const response = new MessageWriter(bytesOfAll(outputs));
  for (const output of outputs) {
    response.message(1, new MessageWriter().string(1, output.name).message(2, writeTensorProto(output)));
  }
  const body = response.message(2, writtenModelSpec(id)).finish();
  if (body.length > mostBytes) throw responseTooLarge(`it is ${body.length} bytes`, mostBytes);
  return body;
}
