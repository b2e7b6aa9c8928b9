import { parseArgs } from 'node:util';
import { ConfigError } from '../../config/config.js';

export interface KeyArguments {
  readonly id: string;
  /** Path of the file that the entry is added to. */
  readonly file?: string | undefined;
  readonly scopes: readonly string[];
  readonly models?: readonly string[] | undefined;
  readonly requestsPerSecond?: number | undefined;
  readonly rowsPerSecond?: number | undefined;
}

const options = {
  keys: { type: 'string' },
  scopes: { type: 'string', default: 'infer,read' },
  models: { type: 'string' },
  'requests-per-second': { type: 'string' },
  'rows-per-second': { type: 'string' },
} as const;

const usage = 'expected "create ID"; slipway key --help explains it';

/** Throws ConfigError with what is wrong. What the values may be is the file's to say. */
export function readKeyArguments(argv: readonly string[]): KeyArguments {
  const { values, positionals } = parse(argv);
  const [action, id, ...further] = positionals;
  if (action !== 'create' || id === undefined || further.length > 0) throw new ConfigError([usage]);
  return {
    id,
    file: values.keys,
    scopes: listed(values.scopes),
    models: values.models === undefined ? undefined : listed(values.models),
    requestsPerSecond: rate(values['requests-per-second'], '--requests-per-second'),
    rowsPerSecond: rate(values['rows-per-second'], '--rows-per-second'),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

const listed = (text: string): readonly string[] => text.split(',').filter((item) => item !== '');

function rate(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new ConfigError([`${flag}: expected a number, got ${JSON.stringify(text)}`]);
}
