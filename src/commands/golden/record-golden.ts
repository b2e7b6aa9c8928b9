import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { ConfigError } from '../../config/config.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { shortText, shownValue } from '../../core/short-text.js';
import { mostJsonBytes } from '../../golden/golden-reader.js';
import { isObject, jsonOf, protocolOf, readGoldenRequest, writeGoldenRequest } from '../../golden/golden-request.js';
import { printable } from '../terminal-text.js';
import type { RecordArguments } from './golden-arguments.js';

const longestMs = 60_000;

/** Resolves with the exit code: 0 where every request was recorded. What cannot be is told, and the others go on. */
export async function recordGolden(args: RecordArguments, signal: AbortSignal): Promise<number> {
  const { inputs, output } = args;
  const files = inputs.map((input) => join(output, `${basename(input, extname(input))}.json`));
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) throw new ConfigError([`--input: two files would be recorded as ${twice}`]);
  const headers = { 'content-type': 'application/json', ...(await keyHeader(args.keyFile)) };
  let areRecorded = true;
  for (const [index, input] of inputs.entries()) {
    const file = files[index] as string;
    try {
      const text = await record(await readInput(input), args, headers, signal);
      await write(file, text);
      process.stdout.write(`${printable(file)}\n`);
    } catch (error) {
      if (!(error instanceof ServingError) || error.code === 'CANCELED') throw error;
      process.stderr.write(`${printable(`${input}: ${error.message}`)}\n`);
      areRecorded = false;
    }
  }
  return areRecorded ? 0 : 1;
}

async function keyHeader(file: string | undefined): Promise<{ readonly authorization?: string }> {
  if (file === undefined) return {};
  const key = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`--key-file: ${file} cannot be read: ${error.code}`]);
  });
  if (!/^[\x21-\x7e]+$/.test(key.trim())) throw new ConfigError([`--key-file: expected one key in ${file}`]);
  return { authorization: `Bearer ${key.trim()}` };
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw invalidArgument(`it cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The text of the golden file. */
async function record(
  body: Buffer,
  { server, model, version }: RecordArguments,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const request = jsonOf(body);
  if (!isObject(request)) throw invalidArgument(`expected a JSON object, the body, got ${shownValue(request)}`);
  const protocol = protocolOf(request);
  const which = version === undefined ? '' : `/versions/${version}`;
  const url = new URL(`${protocol}/models/${model}${which}/${protocol === 'v1' ? 'predict' : 'infer'}`, server);
  const response = await send(url, body, headers, signal);
  const golden = writeGoldenRequest(body.toString().replace(/^\uFEFF/, ''), response);
  const bytes = Buffer.from(golden);
  if (bytes.length > mostJsonBytes) {
    throw invalidArgument(
      `with its response it has ${bytes.length} bytes, more than the ${mostJsonBytes} of a golden file`,
    );
  }
  readGoldenRequest(bytes);
  return golden;
}

async function send(
  url: URL,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers, signal: until });
    const text = await response.text();
    if (response.status === 200) return text;
    throw invalidArgument(`${url.origin} responds with ${response.status}: ${errorIn(text)}`);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    if (signal.aborted) throw new ServingError('CANCELED', 'recording was stopped');
    const { message, cause } = error as Error;
    throw new ServingError(
      'UNAVAILABLE',
      `${url.origin} cannot be asked: ${(cause as Error | undefined)?.message || message}`,
    );
  }
}

/** What the server says is wrong, where it says it as it does. */
function errorIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    if (typeof error === 'string') return shortText(error, 500);
  } catch {
    // Something between here and there said it.
  }
  return shortText(text, 200);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST'
        ? 'is there already; remove it, or name another folder with --output'
        : `cannot be written: ${code}`;
    throw invalidArgument(`${file} ${why}`);
  }
}
