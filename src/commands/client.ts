import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { printable } from './terminal-text.js';

export const clientHelp = (): string => `Usage: slipway client URL [--models NAME,…] [--key-file FILE] [-o FILE]

Writes a TypeScript client of the models that the server at URL serves, or of some of them: each model's inputs and
outputs as types. It runs in Node and in browsers and needs nothing but fetch.

  slipway client http://localhost:8080 -o src/slipway.ts

Where the server wants a key or token, the file of --key-file has it.`;

interface Arguments {
  readonly url: URL;
  readonly models: string | undefined;
  readonly keyFile: string | undefined;
  /** Where the client is written to. */
  readonly file: string | undefined;
}

/** Resolves with the exit code. */
export async function client(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv);
  if (typeof given === 'string') {
    process.stderr.write(`slipway client: ${printable(given)}\n\n${clientHelp()}\n`);
    return 2;
  }
  try {
    const source = await sourceFrom(given);
    if (given.file === undefined) process.stdout.write(source);
    else await writeFile(given.file, source);
    return 0;
  } catch (error) {
    process.stderr.write(`slipway client: ${printable((error as Error).message)}\n`);
    return 1;
  }
}

/** What is wrong with them, a sentence, where something is. */
function readArguments(argv: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        models: { type: 'string' },
        'key-file': { type: 'string' },
        output: { type: 'string', short: 'o' },
      },
      allowPositionals: true,
    });
    const [address, ...rest] = positionals;
    if (address === undefined || rest.length > 0) return 'expected the address of one server';
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      return `expected an address such as http://localhost:8080, got ${address}`;
    }
    return { url, models: values.models, keyFile: values['key-file'], file: values.output };
  } catch (error) {
    return (error as Error).message;
  }
}

async function sourceFrom({ url, models, keyFile }: Arguments): Promise<string> {
  // A gateway may have the server below a path of its own.
  const asked = new URL(`${url.href.replace(/\/*$/, '')}/v1/client.ts`);
  if (models !== undefined) asked.searchParams.set('models', models);
  const key = keyFile === undefined ? undefined : (await readFile(keyFile, 'utf8')).trim();
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(asked, { headers }).catch((error: Error) => {
    const { cause } = error;
    throw new Error(`${url.origin} cannot be reached: ${cause instanceof Error ? cause.message : error.message}`);
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`the server answered ${response.status}: ${messageOf(text)}`);
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { error?: unknown }).error ?? text);
  } catch {
    return text.slice(0, 500);
  }
}
