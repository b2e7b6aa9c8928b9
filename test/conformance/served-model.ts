import type { DataType } from '../../src/core/data-type.js';
import type { Batching } from '../../src/core/model.js';
import type { ModelSignature, TensorSpec } from '../../src/core/tensor-spec.js';

/** A model of a running server, by what the server tells about it. */
export interface ServedModel {
  readonly name: string;
  readonly origin: string;
  readonly signature: ModelSignature;
  readonly batching: Batching;
}

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

export async function describeServedModel(origin: string, name: string): Promise<ServedModel> {
  const [open, own] = await Promise.all([
    getJson<{ inputs: TensorMetadata[]; outputs: TensorMetadata[] }>(`${origin}/v2/models/${name}`),
    getJson<{ model_info: { batching: Batching } }>(`${origin}/v1/models/${name}/metadata`),
  ]);
  return {
    name,
    origin,
    signature: { inputs: open.inputs.map(specOf), outputs: open.outputs.map(specOf) },
    batching: own.model_info.batching,
  };
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
