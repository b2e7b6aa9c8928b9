import { createReadStream } from 'node:fs';

const mostBytes = 2 ** 20;

/** The text of a `model.json`. Rejects when it is longer than 1 MiB, of which it reads no more than that, or not UTF-8. */
export async function readModelConfigFile(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  // `end` is the position of the last byte: one more than may be there.
  for await (const chunk of createReadStream(path, { end: mostBytes })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > mostBytes) throw new Error('expected at most 1 MiB, got more');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('expected UTF-8 text, got other bytes', { cause });
  }
}
