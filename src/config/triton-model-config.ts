import { type DataType, dataTypes } from '../core/data-type.js';
import type { DeclaredTensor, ModelConfig, VersionPolicy } from '../core/model-config.js';
import { nearestName } from '../core/nearest-name.js';
import { modelConfigSchema } from './model-config-schema.js';
import { parseProtobufText, type TextField } from './protobuf-text.js';
import { schemaProblems } from './schema-problems.js';
import { TextMessage } from './text-message.js';

/** What Triton's `config.pbtxt` says of a model. */
export interface TritonSettings {
  readonly config: Partial<ModelConfig>;
  /** Files in the model's folder that hold the class labels of an output, one a line, by the output's name. */
  readonly labelFiles: ReadonlyMap<string, string>;
  /** What is not honoured, a sentence each. */
  readonly notes: readonly string[];
}

/** The fields of a model's configuration that Triton knows, to tell a mistyped one. */
const knownFields = [
  ...['name', 'platform', 'backend', 'runtime', 'version_policy', 'max_batch_size', 'input', 'output', 'batch_input'],
  ...['batch_output', 'optimization', 'dynamic_batching', 'sequence_batching', 'ensemble_scheduling', 'instance_group'],
  ...['default_model_filename', 'cc_model_filenames', 'metric_tags', 'parameters', 'model_warmup', 'model_operations'],
  ...['model_transaction_policy', 'model_repository_agents', 'response_cache', 'model_metrics'],
];

/**
 * Reads the text of a `config.pbtxt`. Throws an Error that says what is wrong, with line and column. `modelName`: what
 * the model is called here, which is the name of its folder.
 */
export const parseTritonConfig = (text: string, modelName: string): TritonSettings =>
  tritonSettings(parseProtobufText(text), modelName);

/** Of a configuration's fields, whatever they were read from. */
export function tritonSettings(fields: readonly TextField[], modelName: string): TritonSettings {
  const root = new TextMessage(fields);
  const notes: string[] = [];
  const ignored: string[] = [];
  notes.push(...identity(root, modelName));
  if (root.has('sequence_batching')) {
    notes.push('sequence_batching is not honoured: every request stands for itself');
  }
  const largestBatch = root.integer('max_batch_size', 0);
  const outputs = root.messages('output');
  const tensors = {
    batchAxis:
      largestBatch === undefined ? ('unknown' as const) : largestBatch > 0 ? ('implied' as const) : ('none' as const),
    inputs: root.messages('input').map((input) => declaredTensor(input, ignored)),
    outputs: outputs.map((output) => declaredTensor(output, ignored)),
  };
  const parameters = parametersOf(root);
  const threads = Number(parameters?.intra_op_thread_count);
  const file = root.text('default_model_filename');
  const versionPolicy = versionPolicyOf(root.message('version_policy'));
  const instances = instancesOf(root.messages('instance_group'), ignored);
  const config: Partial<ModelConfig> = {
    ...(largestBatch === 0 && { batching: 'off' as const }),
    ...(largestBatch && { maxBatchSize: largestBatch }),
    ...(versionPolicy && { versionPolicy }),
    ...(file && { file }),
    ...(instances && { instances }),
    ...(threads > 0 && Number.isInteger(threads) && { threads }),
    ...(parameters && { parameters }),
    ...(tensors.inputs.length + tensors.outputs.length > 0 && { tensors }),
    ...batchingSettings(root.message('dynamic_batching'), largestBatch, ignored),
  };
  ignored.push(
    ...Object.keys(parameters ?? {}).flatMap((key) =>
      key === 'intra_op_thread_count' ? [] : [`parameters[${shown(key)}]`],
    ),
  );
  ignored.push(...root.unread().map(withNearest));
  if (ignored.length > 0) notes.push(`not honoured: ${listed([...new Set(ignored)])}`);
  requireWithinLimits(config);
  return { config, labelFiles: labelFilesOf(outputs), notes };
}

/** Numbers have the limits that they have in `model.json`. */
function requireWithinLimits(config: Partial<ModelConfig>): void {
  const { maxBatchSize, instances, threads, preferredBatchSizes, maxQueueDelayMs, maxQueueRows } = config;
  const numbers = { maxBatchSize, instances, threads, preferredBatchSizes, maxQueueDelayMs, maxQueueRows };
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  const [problem] = schemaProblems(modelConfigSchema, given);
  if (problem !== undefined) throw new Error(`${problem.path}: ${problem.message}`);
}

function labelFilesOf(outputs: readonly TextMessage[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const output of outputs) {
    const file = output.text('label_filename');
    if (file) files.set(output.text('name') ?? '', file);
  }
  return files;
}

function withNearest(name: string): string {
  if (name.includes('.') || knownFields.includes(name)) return name;
  const nearest = nearestName(name, knownFields);
  return nearest === undefined ? name : `${name} (did you mean ${nearest}?)`;
}

function identity(root: TextMessage, modelName: string): readonly string[] {
  const notes: string[] = [];
  const name = root.text('name');
  if (name && name !== modelName) {
    notes.push(`its name, ${shown(name)}, is not honoured: the model goes by that of its folder`);
  }
  const platform = root.text('platform');
  const backend = root.text('backend');
  if (platform === 'ensemble' || root.has('ensemble_scheduling')) {
    throw new Error('an ensemble of models is not served; its models can be called one after another');
  }
  const foreign = [backend, platform].find((runner) => runner && !/^onnxruntime(_onnx)?$/.test(runner));
  if (foreign) notes.push(`its backend, ${shown(foreign)}, is not honoured: only ONNX files are served`);
  return notes;
}

function versionPolicyOf(policy: TextMessage | undefined): VersionPolicy | undefined {
  const latest = policy?.message('latest');
  if (latest !== undefined) return { kind: 'latest', count: latest.integer('num_versions', 1) ?? 1 };
  const specific = policy?.message('specific')?.integers('versions', 1);
  if (specific !== undefined) return { kind: 'specific', versions: [...new Set(specific)].sort((a, b) => a - b) };
  return policy?.message('all') === undefined ? undefined : { kind: 'all' };
}

/** Instances of every kind compute on the processor here. */
function instancesOf(groups: readonly TextMessage[], ignored: string[]): number | undefined {
  let instances = 0;
  for (const group of groups) {
    group.text('name');
    const kind = group.word('kind') ?? 'KIND_AUTO';
    if (kind === 'KIND_GPU') ignored.push('instance_group.kind KIND_GPU (they compute on the processor)');
    instances += group.integer('count', 0) || 1;
  }
  return instances === 0 ? undefined : instances;
}

/** A queue's limit counts requests in Triton, and rows here. */
function batchingSettings(
  batching: TextMessage | undefined,
  largestBatch: number | undefined,
  ignored: string[],
): Partial<ModelConfig> {
  if (batching === undefined) return {};
  const sizes = [...new Set(batching.integers('preferred_batch_size', 1))].sort((a, b) => a - b);
  const largest = sizes.at(-1);
  if (largest !== undefined && largestBatch !== undefined && largest > largestBatch) {
    throw new Error(`preferred_batch_size: expected sizes up to max_batch_size, ${largestBatch}, got ${largest}`);
  }
  const delay = batching.integer('max_queue_delay_microseconds', 0);
  const policy = batching.message('default_queue_policy');
  const maxQueueRows = policy?.integer('max_queue_size', 0);
  policy?.boolean('allow_timeout_override');
  if (policy?.integer('default_timeout_microseconds', 0)) {
    ignored.push(
      'dynamic_batching.default_queue_policy.default_timeout_microseconds (requests bring their own timeout)',
    );
  }
  if ((policy?.word('timeout_action') ?? 'REJECT') !== 'REJECT') {
    ignored.push('dynamic_batching.default_queue_policy.timeout_action (what is late is rejected)');
  }
  // Any number of levels may be used; answers go out when they are there, each to its own request.
  batching.integer('priority_levels', 0);
  batching.boolean('preserve_ordering');
  return {
    ...(sizes.length > 0 && { preferredBatchSizes: sizes }),
    ...(delay !== undefined && { maxQueueDelayMs: delay / 1000 }),
    ...(maxQueueRows && { maxQueueRows }),
  };
}

function declaredTensor(tensor: TextMessage, ignored: string[]): DeclaredTensor {
  const name = tensor.text('name') ?? '';
  const type = tensor.word('data_type');
  const dataType = type && type !== 'TYPE_INVALID' ? dataTypeOf(name, type) : undefined;
  const format = tensor.word('format');
  const dims = tensor.integers('dims', -1).map(sizeOf);
  const reshape = tensor.message('reshape')?.integers('shape', -1).map(sizeOf);
  tensor.text('label_filename');
  for (const flag of ['is_shape_tensor', 'allow_ragged_batch', 'optional', 'is_non_linear_format_io']) {
    if (tensor.boolean(flag) === true) ignored.push(`${flag} of ${shown(name)}`);
  }
  return { name, dims, ...(dataType && { dataType }), ...(reshape && { reshape }), ...(format && { format }) };
}

const sizeOf = (size: number): number | null => (size < 0 ? null : size);

function dataTypeOf(tensor: string, type: string): DataType {
  const name = type === 'TYPE_STRING' ? 'BYTES' : type.replace(/^TYPE_/, '');
  const found = dataTypes.find((dataType) => dataType === name);
  if (found !== undefined && type.startsWith('TYPE_')) return found;
  throw new Error(
    `data_type of ${shown(tensor)}: expected a type such as TYPE_FP32, got ${type.slice(0, longestShown)}`,
  );
}

function parametersOf(root: TextMessage): Readonly<Record<string, string>> | undefined {
  const entries = root.messages('parameters').map((entry) => {
    const value = entry.message('value')?.text('string_value', 2 ** 20) ?? '';
    return [entry.text('key') ?? '', value] as const;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const longestShown = 64;
const mostListed = 20;

/** Part of what the file says, for a message. */
const shown = (text: string): string =>
  JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);

const listed = (items: readonly string[]): string =>
  [
    ...items
      .slice(0, mostListed)
      .map((item) => (item.length > 3 * longestShown ? `${item.slice(0, longestShown)}…` : item)),
    ...(items.length > mostListed ? [`${items.length - mostListed} more`] : []),
  ].join(', ');
