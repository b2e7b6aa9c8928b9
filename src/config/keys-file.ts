import type { XStatic } from 'typebox/schema';
import { type AccessKey, scopes } from '../core/access.js';
import { ConfigError } from './config.js';
import type { JsonSchema } from './json-schema.js';
import { parseJsonText } from './json-text.js';
import { schemaProblems } from './schema-problems.js';

const rate = (description: string) =>
  ({ type: 'number', minimum: 0.001, maximum: 1_000_000_000, description }) as const;

/** Names of callers stand in logs and metrics. */
export const keyIdPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

const keysFileSchema = {
  type: 'object',
  properties: {
    keys: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string', pattern: keyIdPattern, examples: ['team-a'] },
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          scopes: { type: 'array', minItems: 1, items: { enum: scopes } },
          models: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
          requestsPerSecond: rate('Requests in a second, on average.'),
          rowsPerSecond: rate('Rows in a second, on average.'),
        },
        required: ['id', 'sha256', 'scopes'],
        additionalProperties: false,
      },
    },
  },
  required: ['keys'],
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Each key costs a few series of metrics. */
const mostKeys = 1000;

/**
 * The keys of a file such as `{"keys": [{"id", "sha256", "scopes"}]}`; without `models` a key is for all of them. Throws
 * ConfigError with everything that is wrong, and with nothing of what the file says: a key may stand where its hash belongs.
 */
export function parseKeysFile(text: string): readonly AccessKey[] {
  const json = parse(text);
  const problems = schemaProblems(keysFileSchema, json).map(
    ({ path, message }) => `${path || 'the file'}: ${path.endsWith('.sha256') ? digestWanted : withoutValue(message)}`,
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const { keys } = json as XStatic<typeof keysFileSchema>;
  const clashes = [...repeated(keys, 'id'), ...repeated(keys, 'sha256')];
  if (keys.length > mostKeys) clashes.push(`keys: expected at most ${mostKeys}, got ${keys.length}`);
  if (clashes.length > 0) throw new ConfigError(clashes);
  return keys.map(({ models = ['*'], ...key }) => ({ models, ...key }));
}

function parse(text: string): unknown {
  try {
    return parseJsonText(text);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

const digestWanted =
  "expected the key's SHA-256 as 64 hexadecimal digits in lower case; `slipway key create` makes both";

const withoutValue = (message: string): string => message.replace(/, got .*$/s, '');

function repeated(
  keys: readonly { readonly id: string; readonly sha256: string }[],
  member: 'id' | 'sha256',
): string[] {
  const first = new Map<string, number>();
  return keys.flatMap((key, index) => {
    const earlier = first.get(key[member]);
    if (earlier !== undefined) return [`keys[${index}].${member}: the same as that of keys[${earlier}]`];
    first.set(key[member], index);
    return [];
  });
}
