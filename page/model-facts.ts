/** What the page knows of a model, read from its metadata. */
export interface ModelFacts {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly task: string | undefined;
  /** Why there is none, where the files beside the model point to one. */
  readonly taskOff: string | undefined;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  /** How rows share runs, in words. */
  readonly batching: string;
  readonly instances: number;
  /** Milliseconds of a run by its rows, or by its tokens. */
  readonly costs: readonly { readonly size: number; readonly ms: number }[];
  readonly costUnit: 'rows' | 'tokens';
}

export interface TensorFacts {
  readonly name: string;
  readonly kind: 'text' | 'decimal' | 'whole' | 'truth';
  /** As the API names it: `DT_FLOAT`. */
  readonly type: string;
  /** -1 is any size; undefined where not even the rank is known. */
  readonly shape: readonly number[] | undefined;
  readonly isOptional: boolean;
  readonly description: string | undefined;
  readonly classLabels: readonly string[] | undefined;
  /** What the positions of a row mean. */
  readonly features: readonly string[] | undefined;
}

interface TensorInfo {
  readonly dtype: string;
  readonly tensor_shape: { readonly unknown_rank: boolean; readonly dim: readonly { readonly size: string }[] };
  readonly description?: string;
  readonly class_labels?: readonly unknown[];
  readonly optional?: boolean;
}

interface Metadata {
  readonly model_spec: { readonly name: string; readonly version: string };
  readonly metadata: {
    readonly signature_def: {
      readonly signature_def: {
        readonly serving_default: {
          readonly inputs: Readonly<Record<string, TensorInfo>>;
          readonly outputs: Readonly<Record<string, TensorInfo>>;
        };
      };
    };
  };
  readonly model_info: {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, string>>;
    readonly batching?: {
      readonly kind: string;
      readonly maxBatchSize?: number;
      readonly reason?: string;
      readonly pending?: boolean;
    };
    readonly instances?: number;
    readonly costs?: readonly { readonly rows?: number; readonly tokens?: number; readonly ms: number }[];
    readonly task?: { readonly model_json?: { readonly task?: { readonly type?: string } }; readonly off?: string };
  };
}

export function modelFacts(metadata: unknown): ModelFacts {
  const { model_spec: spec, metadata: described, model_info: info } = metadata as Metadata;
  const { inputs, outputs } = described.signature_def.signature_def.serving_default;
  const features = jsonOf(info.properties?.feature_names) as Readonly<Record<string, readonly string[]>> | undefined;
  const tensors = (infos: Readonly<Record<string, TensorInfo>>): readonly TensorFacts[] =>
    Object.entries(infos).map(([name, tensor]) => tensorFacts(name, tensor, features?.[name]));
  const costs = info.costs ?? [];
  return {
    ...spec,
    description: info.description,
    task: info.task?.model_json?.task?.type,
    taskOff: info.task?.off,
    inputs: tensors(inputs),
    outputs: tensors(outputs),
    batching: inWords(info.batching),
    instances: info.instances ?? 0,
    costs: costs.map(({ rows, tokens, ms }) => ({ size: rows ?? tokens ?? 0, ms })),
    costUnit: costs[0]?.tokens === undefined ? 'rows' : 'tokens',
  };
}

const jsonOf = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

function tensorFacts(name: string, info: TensorInfo, features: readonly string[] | undefined): TensorFacts {
  const { dtype, tensor_shape: shape } = info;
  return {
    name,
    kind: kindOf(dtype),
    type: dtype,
    shape: shape.unknown_rank ? undefined : shape.dim.map(({ size }) => Number(size)),
    isOptional: info.optional === true,
    description: info.description,
    classLabels: info.class_labels?.map(String),
    features,
  };
}

function kindOf(dtype: string): TensorFacts['kind'] {
  if (dtype === 'DT_STRING') return 'text';
  if (dtype === 'DT_BOOL') return 'truth';
  return /INT/.test(dtype) ? 'whole' : 'decimal';
}

function inWords(batching: Metadata['model_info']['batching']): string {
  if (batching === undefined) return 'unknown';
  if (batching.pending) return 'one request at a time, until its rows are shown to be independent';
  if (batching.kind === 'dynamic') return `requests share runs, up to ${batching.maxBatchSize} rows`;
  if (batching.kind === 'fixed') return 'runs of a fixed size, which requests share';
  return `requests run alone: ${batching.reason ?? 'its rows depend on each other'}`;
}

/** A type and shape as people write them: `FLOAT[any, 4]`. */
export const typeInWords = ({ type, shape }: TensorFacts): string =>
  `${type.replace('DT_', '').toLowerCase()} [${shape?.map((size) => (size === -1 ? 'any' : size)).join(', ') ?? 'any shape'}]`;
