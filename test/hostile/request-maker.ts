import type { Random } from '../support/random.js';
import { codings, randomBody } from './bodies.js';
import { contentTypes, expectations, hosts, methods, oddHeader } from './headers.js';
import type { HostileRequest, WholeRequest } from './hostile-request.js';
import type { KnownQuestion } from './known-questions.js';
import { randomTail } from './malformed.js';
import { type DocumentedRoute, randomTarget } from './targets.js';

export interface MakerOptions {
  readonly routes: readonly DocumentedRoute[];
  /** A model that the requests may load and unload. */
  readonly prey: string;
  readonly questions: readonly KnownQuestion[];
}

interface Written {
  readonly bytes: Buffer;
  readonly whole: WholeRequest;
}

/** Makes connections' worth of requests, the same for the same seed. */
export class RequestMaker {
  readonly #random: Random;
  readonly #options: MakerOptions;

  constructor(random: Random, options: MakerOptions) {
    this.#random = random;
    this.#options = options;
  }

  make(): HostileRequest {
    const turn = this.#random.integer(20);
    if (turn < 11) return this.#sent([this.#anything()], 'nothing');
    if (turn < 14) return this.#sent([this.#known()], 'nothing');
    const inFront = Array.from({ length: this.#random.integer(3) }, () => this.#known(true));
    if (turn < 16) return this.#sent(inFront, 'malformed');
    if (turn < 17) return this.#sent(inFront, 'disputed');
    if (turn < 18) return this.#sent(inFront, 'cut');
    return this.#sent([...inFront, this.#known(true), this.#known(true)], 'nothing');
  }

  #sent(written: readonly Written[], tail: HostileRequest['tail']): HostileRequest {
    const random = this.#random;
    const last = tail === 'nothing' ? '' : randomTail(random, tail);
    const bytes = Buffer.concat([...written.map((one) => one.bytes), Buffer.from(last, 'latin1')]);
    const whole = written.map((one) => one.whole);
    const ending = this.#ending(tail);
    const shown = bytes.toString('latin1', 0, 700).replaceAll(/(.)\1{40,}/g, '$1…');
    const label = `${JSON.stringify(shown)} (${bytes.length} bytes, ${tail === 'nothing' ? '' : `${tail}, `}${ending})`;
    return { label, pieces: this.#pieces(bytes), whole, tail, ending };
  }

  #ending(tail: HostileRequest['tail']): HostileRequest['ending'] {
    const aborts = this.#random.chance(25);
    if (aborts) return 'abort';
    if (tail === 'cut' || tail === 'disputed') return 'half-close';
    return tail === 'nothing' && this.#random.chance(10) ? 'half-close' : 'wait';
  }

  /** Mostly in one write, now and then in several. */
  #pieces(bytes: Buffer): Buffer[] {
    if (!this.#random.chance(6)) return [bytes];
    const cuts = Array.from({ length: 1 + this.#random.integer(3) }, () => this.#random.integer(bytes.length + 1));
    const ends = [...cuts.sort((a, b) => a - b), bytes.length];
    return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
  }

  /** A prediction that has one right answer, in one of the ways to send it. */
  #known(isPlain = false): Written {
    const random = this.#random;
    const { target, body, fault } = random.pick(this.#options.questions);
    const coding = isPlain || random.chance(2) ? undefined : random.pick(codings);
    const headers = ['Content-Type: application/json'];
    if (coding !== undefined) headers.push(`Content-Encoding: ${coding.header}`);
    const isOwed = coding === undefined || coding.isOwed === true;
    const isOld = !isPlain && random.chance(12);
    if (!isPlain && !isOld && random.chance(8)) headers.push('Expect: 100-continue');
    const whole: WholeRequest = {
      method: 'POST',
      target,
      mayBe: [],
      // A coding that need not be known is refused, or understood.
      fault: (answer) => (isOwed || answer.status < 400 ? fault(answer) : undefined),
    };
    const encoded = (coding?.encode ?? ((bytes: Buffer) => bytes))(Buffer.from(body));
    return { whole, bytes: this.#message('POST', target, headers, encoded, { isOld }) };
  }

  /** Any method on any route with any headers. */
  #anything(): Written {
    const random = this.#random;
    const { target, method: usual, mayBeAway } = randomTarget(random, this.#options.routes, this.#options.prey);
    const method = random.chance(2) ? usual : random.pick(methods);
    const isBodyless = (method === 'GET' || method === 'HEAD') && !random.chance(5);
    const headers: string[] = [];
    const type = random.chance(3) ? undefined : random.pick(contentTypes);
    if (type !== undefined) headers.push(`Content-Type: ${type}`);
    let body = isBodyless ? undefined : randomBody(random);
    if (random.chance(3)) {
      const coding = random.pick(codings);
      headers.push(`Content-Encoding: ${coding.header}`);
      if (body !== undefined && coding.encode !== undefined && random.chance(2)) body = coding.encode(body);
    }
    if (random.chance(25)) headers.push(`Expect: ${random.pick(expectations)}`);
    let mayTimeOut = false;
    for (let more = random.integer(3); more > 0; more--) {
      const { text, mayTimeOut: late } = oddHeader(random);
      headers.push(text);
      mayTimeOut ||= late;
    }
    const mayBe = [501, ...(mayBeAway ? [503] : []), ...(mayTimeOut ? [504] : [])];
    const isOld = random.chance(15);
    return { whole: { method, target, mayBe }, bytes: this.#message(method, target, headers, body, { isOld }) };
  }

  #message(
    method: string,
    target: string,
    headers: readonly string[],
    body: Buffer | undefined,
    { isOld }: { readonly isOld: boolean },
  ): Buffer {
    const random = this.#random;
    const isAbsolute = target.startsWith('/') && !target.startsWith('//') && random.chance(20);
    const form = method === 'CONNECT' ? 'x:80' : isAbsolute ? `http://x${target}` : target;
    const head = [
      `${method} ${form} HTTP/1.${isOld ? 0 : 1}`,
      `Host: ${random.pick(random.chance(3) ? hosts : ['x'])}`,
    ];
    head.push(...headers);
    if (random.chance(15)) head.push('Connection: close');
    const isChunked = body !== undefined && !isOld && random.chance(3);
    if (isChunked) head.push('Transfer-Encoding: chunked');
    else if (body !== undefined) head.push(`Content-Length: ${body.length}`);
    const tail = isChunked ? this.#chunks(body) : (body ?? Buffer.alloc(0));
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), tail]);
  }

  /** In chunks of any size, some with extensions, some with trailers. */
  #chunks(body: Buffer): Buffer {
    const random = this.#random;
    const parts: Buffer[] = [];
    for (let at = 0; at < body.length; ) {
      const size = Math.min(body.length - at, 1 + random.integer(random.chance(2) ? 12 : 100_000));
      const extension = random.chance(30) ? ';name="a;b"' : '';
      parts.push(
        Buffer.from(`${size.toString(16)}${extension}\r\n`),
        body.subarray(at, at + size),
        Buffer.from('\r\n'),
      );
      at += size;
      if (parts.length > 3000) break;
    }
    const rest = body.subarray(parts.filter((_, at) => at % 3 === 1).reduce((sum, { length }) => sum + length, 0));
    if (rest.length > 0) parts.push(Buffer.from(`${rest.length.toString(16)}\r\n`), rest, Buffer.from('\r\n'));
    const trailers = random.chance(6) ? 'X-Sum: 1\r\nX-Other: a, b\r\n' : '';
    parts.push(Buffer.from(`0\r\n${trailers}\r\n`));
    return Buffer.concat(parts);
  }
}
