import { setTimeout as after } from 'node:timers/promises';
import type { DataType } from '../../src/core/data-type.js';
import type { Batching } from '../../src/core/model.js';
import type { ModelSignature, TensorSpec } from '../../src/core/tensor-spec.js';

/** A model of a running server, by what the server tells about it. */
export interface ServedModel {
  readonly name: string;
  readonly origin: string;
  readonly signature: ModelSignature;
  readonly batching: Batching;
  /** Rows of some input or output lie along another axis than the first. */
  readonly liesOnOtherAxes: boolean;
}

type ToldBatching = Batching & {
  readonly pending?: boolean;
  /** Axes by name, of inputs and of outputs. */
  readonly axes?: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, number>>>>;
};

interface TensorMetadata {
  readonly name: string;
  readonly datatype: DataType;
  readonly shape: readonly number[];
  readonly parameters?: {
    readonly unknown_rank?: boolean;
    readonly optional?: boolean;
    readonly model_datatype?: 'BF16';
    readonly class_labels?: readonly (string | number)[];
  };
}

/** Resolves when the server knows whether the model's rows are independent: until then they run one at a time. */
export async function describeServedModel(origin: string, name: string): Promise<ServedModel> {
  const open = await getJson<{ inputs: TensorMetadata[]; outputs: TensorMetadata[] }>(`${origin}/v2/models/${name}`);
  const batching = await provenBatching(origin, name);
  return {
    name,
    origin,
    signature: { inputs: open.inputs.map(specOf), outputs: open.outputs.map(specOf) },
    batching,
    liesOnOtherAxes: Object.values(batching.axes ?? {}).some((axes) => Object.values(axes).some((axis) => axis !== 0)),
  };
}

async function provenBatching(origin: string, name: string): Promise<ToldBatching> {
  for (;;) {
    const { model_info } = await getJson<{ model_info: { batching: ToldBatching } }>(
      `${origin}/v1/models/${name}/metadata`,
    );
    if (model_info.batching.pending !== true) return model_info.batching;
    await after(50);
  }
}

function specOf({ name, datatype, shape, parameters = {} }: TensorMetadata): TensorSpec {
  const { unknown_rank, optional, class_labels, model_datatype } = parameters;
  return {
    name,
    dataType: datatype,
    shape: unknown_rank === true ? null : shape.map((size) => (size < 0 ? null : size)),
    ...(optional === true && { optional }),
    ...(model_datatype !== undefined && { modelDataType: model_datatype }),
    ...(class_labels !== undefined && { classLabels: class_labels }),
  };
}

async function getJson<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}
