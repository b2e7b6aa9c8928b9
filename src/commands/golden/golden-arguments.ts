import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '../../config/config.js';
import { isModelName } from '../../core/model.js';
import { shownValue } from '../../core/short-text.js';

export interface CheckArguments {
  readonly action: 'check';
  readonly folder: string;
  /** For each version. */
  readonly timeoutMs: number;
}

export interface RecordArguments {
  readonly action: 'record';
  /** Ends with a slash. */
  readonly server: URL;
  readonly model: string;
  readonly version?: number | undefined;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly keyFile?: string | undefined;
}

const longestSeconds = 86_400;

/** Throws ConfigError with what is wrong. */
export function readGoldenArguments([action, ...argv]: readonly string[]): CheckArguments | RecordArguments {
  if (action === 'check') return checkArguments(argv);
  if (action === 'record') return recordArguments(argv);
  throw new ConfigError([`expected "check" or "record", got ${shownValue(action)}; slipway golden --help explains it`]);
}

function checkArguments(argv: readonly string[]): CheckArguments {
  const { values, positionals } = parse(argv, { timeout: { type: 'string', default: '120' } });
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) {
    throw new ConfigError([`check: expected one folder, got ${positionals.length}`]);
  }
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds <= longestSeconds)) {
    throw new ConfigError([`--timeout: expected seconds up to ${longestSeconds}, got ${shownValue(values.timeout)}`]);
  }
  return { action: 'check', folder, timeoutMs: seconds * 1000 };
}

function recordArguments(argv: readonly string[]): RecordArguments {
  const { values, positionals } = parse(argv, {
    server: { type: 'string', default: '' },
    model: { type: 'string', default: '' },
    input: { type: 'string', multiple: true, default: [] },
    output: { type: 'string', default: 'golden' },
    version: { type: 'string' },
    'key-file': { type: 'string' },
  });
  const { server, model, output, version } = values;
  const inputs = [...values.input, ...positionals];
  if (!isModelName(model)) throw new ConfigError([`--model: expected the name of a model, got ${shownValue(model)}`]);
  if (inputs.length === 0) throw new ConfigError(['--input: expected a file with a body of a request']);
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version)) {
    throw new ConfigError([`--version: expected a whole number from 1, got ${shownValue(version)}`]);
  }
  return {
    action: 'record',
    server: serverUrl(server),
    model,
    version: version === undefined ? undefined : Number(version),
    inputs,
    output,
    keyFile: values['key-file'],
  };
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError([`--server: expected http://HOST:PORT, got ${shownValue(text)}`]);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}
