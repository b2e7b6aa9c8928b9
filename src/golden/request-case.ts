import type { Tolerance } from '../core/model-config.js';
import type { Inference } from '../core/servable.js';
import type { ModelSignature, TensorSpec } from '../core/tensor-spec.js';
import type { InferenceCodec } from '../inference/inference-codec.js';
import { type JsonPath, jsonDifference, showPath } from './compare-json.js';
import type { AskedVersion, GoldenCase } from './golden-case.js';
import { isObject, type JsonObject, jsonOf, readGoldenRequest } from './golden-request.js';
import { type Tolerances, tolerancesOf } from './tolerance.js';

/** How bodies are read and written. Both expect nothing beside the body. */
export type GoldenCodecs = Readonly<Record<'v1' | 'v2', InferenceCodec>>;

/** A file of `golden/`: compared is what a client would see. Throws INVALID_ARGUMENT, to be put after the file's name. */
export function requestCase(
  { name, bytes }: { readonly name: string; readonly bytes: Buffer },
  codecs: GoldenCodecs,
  { id, config, model }: AskedVersion,
): GoldenCase {
  const golden = readGoldenRequest(bytes);
  const codec = codecs[golden.protocol];
  const { wishes, timeoutMs: _, priority: __, ...request } = codec.read({ body: golden.body }, model);
  const expected = withoutNames(golden.response);
  const tolerances = tolerancesOf(config, golden.tolerance);
  return {
    name,
    request,
    difference: ({ outputs }: Inference) => {
      const { body } = codec.write(wishes, { id, outputs }, model);
      const got = withoutNames(jsonOf(Buffer.from(body)) as JsonObject);
      const toleranceAt = (path: JsonPath) => toleranceOf(outputAt(path, expected, model.signature), path, tolerances);
      const found = jsonDifference(got, expected, toleranceAt);
      if (found === undefined) return undefined;
      const output = outputAt(found.path, expected, model.signature);
      const whose = output === undefined ? '' : `output "${output.name}", `;
      return `${whose}${showPath(found.path)}: ${found.message}`;
    },
  };
}

/** Who answers, and which request, is another one each time. */
function withoutNames({ model_name: _, model_version: __, id: ___, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** The output that a place of a response belongs to, where it tells. */
function outputAt(path: JsonPath, response: JsonObject, { outputs }: ModelSignature): TensorSpec | undefined {
  const named = path.find((part) => typeof part === 'string' && outputs.some(({ name }) => name === part));
  const tensors = response.outputs;
  const tensor = path[0] === 'outputs' && Array.isArray(tensors) ? tensors[path[1] as number] : undefined;
  const name = isObject(tensor) && typeof tensor.name === 'string' ? tensor.name : named;
  return outputs.find((output) => output.name === name) ?? (outputs.length === 1 ? outputs[0] : undefined);
}

/** Sizes are no values. */
function toleranceOf(output: TensorSpec | undefined, path: JsonPath, { floats, integers }: Tolerances): Tolerance {
  if (path[0] === 'outputs' && path[2] === 'shape') return { absolute: 0, relative: 0 };
  return output === undefined || /^(FP|BF)/.test(output.dataType) ? floats : integers;
}
