import type { DataType } from '../../core/data-type.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import type { JsonFile } from '../model-files.js';
import { TaskOff } from './text-task-source.js';

/** What an input of a text model is for. */
export type InputRole = 'ids' | 'mask' | 'types' | 'positions' | 'past' | 'no-cache';

export interface GraphInput {
  readonly name: string;
  readonly role: InputRole;
  readonly dataType: DataType;
  /** Of an empty past: its size behind the rows. */
  readonly pastShape?: readonly number[];
}

const roles: Readonly<Record<string, InputRole>> = {
  input_ids: 'ids',
  attention_mask: 'mask',
  token_type_ids: 'types',
  input_type: 'types',
  position_ids: 'positions',
  use_cache_branch: 'no-cache',
};

const integers: readonly DataType[] = ['INT64', 'INT32'];

/** What each input of the graph is given. Throws TaskOff where that cannot be told. */
export function graphInputs({ inputs }: ModelSignature, config: JsonFile | undefined): readonly GraphInput[] {
  if (!inputs.some(({ name }) => name === 'input_ids')) {
    throw new TaskOff(
      `the graph has no input "input_ids"; its inputs are ${inputs.map(({ name }) => `"${name}"`).join(', ')}`,
    );
  }
  return inputs.flatMap((spec): GraphInput[] => {
    const role = Object.hasOwn(roles, spec.name) ? roles[spec.name] : undefined;
    if (role !== undefined && isOfRole(spec, role)) return [{ name: spec.name, role, dataType: spec.dataType }];
    if (spec.name.startsWith('past_key_values.')) return [pastInput(spec, config)];
    if (spec.optional === true) return [];
    throw new TaskOff(`the graph's input "${spec.name}" is none that texts are made into`);
  });
}

const isOfRole = ({ dataType }: TensorSpec, role: InputRole): boolean =>
  role === 'no-cache' ? dataType === 'BOOL' : integers.includes(dataType);

/** Nothing was read before: [rows, heads, 0, size of a head]. */
function pastInput({ name, dataType, shape }: TensorSpec, config: JsonFile | undefined): GraphInput {
  const heads = config?.number('num_key_value_heads') ?? config?.number('num_attention_heads') ?? shape?.[1];
  const size = config?.number('head_dim') ?? headSize(config) ?? shape?.[3];
  if (typeof heads !== 'number' || typeof size !== 'number') {
    throw new TaskOff(`config.json does not tell the shape of the graph's input "${name}"`);
  }
  return { name, role: 'past', dataType, pastShape: [heads, 0, size] };
}

function headSize(config: JsonFile | undefined): number | undefined {
  const [hidden, heads] = [config?.number('hidden_size'), config?.number('num_attention_heads')];
  return hidden === undefined || heads === undefined ? undefined : hidden / heads;
}

/** The one length that the graph takes; undefined where it is free. */
export function sequenceLength({ inputs }: ModelSignature): number | undefined {
  const length = inputs.find(({ name }) => name === 'input_ids')?.shape?.[1];
  return typeof length === 'number' ? length : undefined;
}
