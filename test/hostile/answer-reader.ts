/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export const headerOf = ({ headers }: RawAnswer, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) [\t\x20-\x7e]*$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;
const chunkLine = /^([0-9a-fA-F]+)$/;

/**
 * Reads HTTP/1.1 answers from a connection and is strict about it: `fault` says what is not well-formed. Interim
 * answers (1xx) are counted apart.
 */
export class AnswerReader {
  readonly answers: RawAnswer[] = [];
  interim = 0;
  fault: string | undefined;
  #rest: Buffer = Buffer.alloc(0);
  readonly #isHead: (answer: number) => boolean;

  /** `isHead` says of the how many-th answer whether its request was HEAD, so that no body follows. */
  constructor(isHead: (answer: number) => boolean) {
    this.#isHead = isHead;
  }

  feed(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.fault === undefined && this.#readOne());
  }

  /** The connection has ended. */
  end(): void {
    if (this.fault === undefined && this.#rest.length > 0) {
      this.fault = `the connection ends inside an answer: ${preview(this.#rest)}`;
    }
  }

  /** Whether one was there whole. */
  #readOne(): boolean {
    const headEnd = this.#rest.indexOf('\r\n\r\n');
    if (headEnd === -1) return false;
    const [first = '', ...lines] = this.#rest.toString('latin1', 0, headEnd).split('\r\n');
    const status = Number(statusLine.exec(first)?.[1]);
    if (Number.isNaN(status)) return this.#fail(`no status line: ${preview(this.#rest)}`);
    const headers = lines.map((line) => headerLine.exec(line));
    if (headers.includes(null)) return this.#fail(`no header: ${lines[headers.indexOf(null)]?.slice(0, 120)}`);
    const pairs = headers.map((match) => [match?.[1] as string, match?.[2] as string] as const);
    const start = headEnd + 4;
    if (status < 200) {
      this.interim++;
      this.#rest = this.#rest.subarray(start);
      return true;
    }
    const body = this.#body(status, pairs, start);
    if (body === undefined) return false;
    this.answers.push({ status, headers: pairs, body: body.bytes });
    this.#rest = this.#rest.subarray(body.end);
    return true;
  }

  #body(
    status: number,
    headers: readonly (readonly [string, string])[],
    start: number,
  ): { readonly bytes: Buffer; readonly end: number } | undefined {
    const values = (wanted: string): string[] =>
      headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    const [lengths, codings] = [values('content-length'), values('transfer-encoding')];
    if (lengths.length > 1) this.#fail('several content-length headers');
    if (lengths.length > 0 && codings.length > 0) this.#fail('content-length beside transfer-encoding');
    if (this.fault !== undefined) return undefined;
    if (status === 204 || status === 304 || this.#isHead(this.answers.length)) {
      return { bytes: Buffer.alloc(0), end: start };
    }
    if (codings.length > 0) return this.#chunked(codings[0] as string, start);
    const [length] = lengths;
    if (length === undefined || !/^\d+$/.test(length)) {
      this.#fail(`a body without a length (${status}, content-length ${length})`);
      return undefined;
    }
    const end = start + Number(length);
    return this.#rest.length < end ? undefined : { bytes: this.#rest.subarray(start, end), end };
  }

  #chunked(coding: string, start: number): { readonly bytes: Buffer; readonly end: number } | undefined {
    if (coding.toLowerCase() !== 'chunked') this.#fail(`transfer-encoding ${coding}`);
    const parts: Buffer[] = [];
    for (let at = start; this.fault === undefined; ) {
      const lineEnd = this.#rest.indexOf('\r\n', at);
      if (lineEnd === -1) return undefined;
      const digits = chunkLine.exec(this.#rest.toString('latin1', at, lineEnd))?.[1];
      if (digits === undefined) {
        this.#fail('a chunk without a size');
        break;
      }
      const [from, size] = [lineEnd + 2, Number.parseInt(digits, 16)];
      const to = from + size;
      if (this.#rest.length < to + 2) return undefined;
      if (this.#rest.toString('latin1', to, to + 2) !== '\r\n') this.#fail('a chunk that does not end');
      if (size === 0) return { bytes: Buffer.concat(parts), end: to + 2 };
      parts.push(this.#rest.subarray(from, to));
      at = to + 2;
    }
    return undefined;
  }

  #fail(sentence: string): false {
    this.fault ??= sentence;
    return false;
  }
}

const preview = (bytes: Buffer): string => JSON.stringify(bytes.toString('latin1', 0, 160));
