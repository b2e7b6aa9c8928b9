import type { DataType } from '../../core/data-type.js';
import { formatId, type ServableDescription } from '../../core/model.js';
import { formatSpec, type TensorSpec } from '../../core/tensor-spec.js';
import { clientRuntime } from './client-runtime.js';
import { modelSchemas } from './model-schemas.js';
import { typescriptType } from './typescript-type.js';

/** What `infer` gives and takes for each type: the bytes as they are, and texts. */
const arrays = {
  BOOL: 'Uint8Array',
  UINT8: 'Uint8Array',
  UINT16: 'Uint16Array',
  UINT32: 'Uint32Array',
  UINT64: 'BigUint64Array',
  INT8: 'Int8Array',
  INT16: 'Int16Array',
  INT32: 'Int32Array',
  INT64: 'BigInt64Array',
  FP16: 'Uint16Array',
  BF16: 'Uint16Array',
  FP32: 'Float32Array',
  FP64: 'Float64Array',
  BYTES: 'readonly string[]',
} as const satisfies Record<DataType, string>;

/** TypeScript of a client for these models, which needs nothing but `fetch`. `version`: of this program. */
export function clientSource(models: readonly ServableDescription[], version: string): string {
  const ids = models.map(({ id }) => formatId(id)).join(', ') || 'no model';
  return [
    `// Made by Slipway ${version} for ${ids}.\n`,
    `/** Models by name: what they take and give. */\nexport interface Models {\n${models.map(modelType).join('\n')}\n}\n`,
    `const facts: { readonly [Name in keyof Models]: ModelFacts } = {\n${models.map(modelFacts).join('\n')}\n};\n`,
    clientRuntime,
  ].join('\n');
}

function modelType(model: ServableDescription): string {
  const { id, signature, metadata } = model;
  const { inputs, outputs, row } = modelSchemas(model);
  const shapes = (specs: readonly TensorSpec[]): string =>
    specs.map((spec) => `${spec.name} ${formatSpec(spec)}`).join(', ');
  const about = [metadata.description, `${shapes(signature.inputs)} → ${shapes(signature.outputs)}`];
  const tensors = (specs: readonly TensorSpec[]): string =>
    `{ ${specs.map(({ name, dataType, optional }) => `readonly ${JSON.stringify(name)}${optional === true ? '?' : ''}: Tensor<${arrays[dataType]}>`).join('; ')} }`;
  const fields = {
    row: row === undefined ? 'never' : typescriptType(row.sent),
    prediction: row === undefined ? 'never' : typescriptType(row.answered),
    inputs: typescriptType(inputs),
    outputs: typescriptType(outputs),
    tensorInputs: tensors(signature.inputs),
    tensorOutputs: tensors(signature.outputs),
  };
  const lines = Object.entries(fields).map(([name, type]) => `    ${name}: ${type};`);
  return `  /** ${commentText(about.filter((line) => line !== undefined).join(' '))} */\n  ${JSON.stringify(id.name)}: {\n${lines.join('\n')}\n  };`;
}

/** What the client has to know when it runs. */
function modelFacts({ id, signature }: ServableDescription): string {
  const floats = signature.outputs.filter(({ dataType }) => /^(FP|BF)/.test(dataType)).map(({ name }) => name);
  const types = Object.fromEntries(signature.inputs.map(({ name, dataType }) => [name, dataType]));
  return `  ${JSON.stringify(id.name)}: ${JSON.stringify({ types, floats, isSole: signature.outputs.length === 1 })},`;
}

/** A model's text in a comment cannot end it. */
const commentText = (text: string): string => text.replaceAll('*/', '*\u2009/').replace(/\s+/g, ' ');
