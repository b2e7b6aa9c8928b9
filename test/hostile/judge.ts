import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { headerOf, type RawAnswer } from './answer-reader.js';
import type { Outcome } from './exchange.js';
import type { HostileRequest, WholeRequest } from './hostile-request.js';

/** An error's sentence may quote what came, but not all of it. */
const longestError = 8192;

/** What is wrong with how a connection went, a sentence; undefined where nothing is. */
export function faultOf(request: HostileRequest, outcome: Outcome, secret: string): string | undefined {
  const { reader, ended } = outcome;
  if (ended === 'refused') return 'the server takes no connections';
  if (reader.fault !== undefined) return `not well-formed: ${reader.fault}`;
  for (const [at, answer] of reader.answers.entries()) {
    const fault = answerFault(request.whole[at], answer, secret);
    if (fault !== undefined) return `answer ${at + 1} of ${request.whole.length} (${answer.status}): ${fault}`;
  }
  return completeness(request, outcome);
}

function completeness(request: HostileRequest, { reader, ended }: Outcome): string | undefined {
  const { whole, tail, ending } = request;
  const { answers } = reader;
  if (ended === 'aborted') return undefined;
  if (ended === 'silent') return `silence: ${answers.length} of ${whole.length} answers, and the connection stays open`;
  if (tail !== 'disputed' && answers.length > whole.length + (tail === 'nothing' ? 0 : 1))
    return `${answers.length} answers to ${whole.length} requests`;
  // A server may close behind an answer, and says so in it; and it may take a client that has said its last for gone.
  if (answers.length < whole.length && !answers.some(closes) && ending !== 'half-close') {
    return `${answers.length} of ${whole.length} requests were answered before the server closed`;
  }
  const stray = answers[whole.length];
  if (stray !== undefined && stray.status < 400 && tail !== 'disputed')
    return `what is no request was answered with ${stray.status}`;
  return undefined;
}

const closes = (answer: RawAnswer): boolean => headerOf(answer, 'connection')?.toLowerCase() === 'close';

/** `asked` is undefined for what was no request. */
export function answerFault(asked: WholeRequest | undefined, answer: RawAnswer, secret: string): string | undefined {
  const { status, body } = answer;
  if (status >= 500 && !(asked?.mayBe ?? [501, 505]).includes(status))
    return `it is no server's fault: ${text(answer)}`;
  if (asked?.method === 'HEAD' && body.length > 0) return 'an answer to HEAD has a body';
  if (status === 405 && headerOf(answer, 'allow') === undefined) return 'no Allow header';
  if (text(answer).includes(secret)) return `it tells a path of the server: ${text(answer).slice(0, 300)}`;
  if (status >= 400 && asked?.method !== 'HEAD') {
    const fault = errorFault(answer);
    if (fault !== undefined) return fault;
  }
  return asked?.fault?.(answer);
}

function errorFault(answer: RawAnswer): string | undefined {
  const type = headerOf(answer, 'content-type') ?? '';
  if (!/^application\/json\b/.test(type)) return `an error of type "${type}": ${text(answer).slice(0, 200)}`;
  if (answer.body.length > longestError) return `an error of ${answer.body.length} bytes`;
  try {
    const { error } = JSON.parse(text(answer)) as { error?: unknown };
    // In OpenAI's form it lies one level deeper.
    const sentence = typeof error === 'object' ? (error as { message?: unknown } | null)?.message : error;
    return typeof sentence === 'string' && sentence.trim() !== ''
      ? undefined
      : `an error without a sentence: ${text(answer)}`;
  } catch {
    return `an error that is no JSON: ${text(answer).slice(0, 200)}`;
  }
}

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
};

/** The body, decompressed. */
export function text(answer: RawAnswer): string {
  const coding = headerOf(answer, 'content-encoding');
  const decode = coding === undefined ? undefined : decoders[coding];
  return (decode === undefined || answer.body.length === 0 ? answer.body : decode(answer.body)).toString();
}
