import type { GraphOutline } from '../model-outline.js';

/** Operators that pass the integers of their first input on, in some other shape or type. */
const passing: ReadonlySet<string> = new Set([
  'Cast',
  'Flatten',
  'Identity',
  'Reshape',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);
/** Operators that read weights in another form, of the same shape. */
const unpacking: ReadonlySet<string> = new Set(['Cast', 'DequantizeLinear', 'Identity']);

/** By graph input: the length of the shortest table of the file that its integers are positions in. */
export function tableLimits(
  { nodes, initializers }: Pick<GraphOutline, 'nodes' | 'initializers'>,
  inputs: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const tables = new Map(initializers.map(({ name, dims }) => [name, dims]));
  const origins = new Map([...inputs].map((name) => [name, name]));
  const limits = new Map<string, number>();
  const note = (indices: string | undefined, table: string | undefined, axis: number): void => {
    const input = origins.get(indices ?? '');
    const dims = tables.get(table ?? '');
    const length = dims?.at(axis);
    if (input === undefined || length === undefined) return;
    limits.set(input, Math.min(limits.get(input) ?? Number.POSITIVE_INFINITY, length));
  };
  for (const {
    operator,
    inputs: [first = '', second, third, , fifth],
    outputs,
    attributes,
  } of nodes) {
    const [output = ''] = outputs;
    const [origin, table] = [origins.get(first), tables.get(first)];
    if (origin !== undefined && passing.has(operator)) origins.set(output, origin);
    if (table !== undefined && unpacking.has(operator)) tables.set(output, table);
    if (operator === 'Gather') note(second, first, attributes.find(({ name }) => name === 'axis')?.integer ?? 0);
    if (operator === 'EmbedLayerNormalization') {
      note(first, third, 0);
      note(second, fifth, 0);
    }
  }
  return limits;
}
