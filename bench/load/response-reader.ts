const headEnd = '\r\n\r\n';
const longestHead = 64 * 1024;

/**
 * Follows the answers on one keep-alive connection: tells the status of each as soon as its last byte has come.
 * Understands Content-Length, chunked bodies, and answers without a body.
 */
export class ResponseReader {
  readonly #onResponse: (status: number) => void;
  /** A head that is not whole yet. */
  #head = '';
  #status = 0;
  /** Bytes of the body, or of the chunk, still to come. */
  #missing = 0;
  #chunked = false;
  #inBody = false;

  constructor(onResponse: (status: number) => void) {
    this.#onResponse = onResponse;
  }

  /** Throws when this is not HTTP/1.1. */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#inBody ? this.#skipBody(bytes, at) : this.#readHead(bytes, at);
  }

  #readHead(bytes: Buffer, from: number): number {
    const known = this.#head.length;
    const text = this.#head + bytes.toString('latin1', from, Math.min(bytes.length, from + longestHead - known));
    const end = text.indexOf(headEnd, Math.max(0, known - headEnd.length));
    if (end === -1) {
      if (text.length >= longestHead) throw new Error(`no end of an HTTP head in ${longestHead} bytes`);
      this.#head = text;
      return bytes.length;
    }
    this.#head = '';
    this.#startBody(text.slice(0, end));
    return from + end + headEnd.length - known;
  }

  #startBody(head: string): void {
    if (!head.startsWith('HTTP/1.1 ')) throw new Error(`expected HTTP/1.1, got ${JSON.stringify(head.slice(0, 40))}`);
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    this.#chunked = length === null && /\r\ntransfer-encoding: *chunked/i.test(head);
    this.#missing = length === null ? 0 : Number(length[1]);
    this.#inBody = this.#missing > 0 || this.#chunked;
    if (!this.#inBody) this.#onResponse(this.#status);
  }

  #skipBody(bytes: Buffer, from: number): number {
    if (this.#chunked && this.#missing === 0) return this.#readChunkSize(bytes, from);
    const taken = Math.min(this.#missing, bytes.length - from);
    this.#missing -= taken;
    if (this.#missing === 0 && !this.#chunked) this.#endBody();
    return from + taken;
  }

  /** A chunk's size, its data and the line end behind it; the last one is empty and ends with an empty line. */
  #readChunkSize(bytes: Buffer, from: number): number {
    const known = this.#head.length;
    const text = this.#head + bytes.toString('latin1', from, from + 64);
    const line = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(text);
    if (line === null || (Number.parseInt(line[1] as string, 16) === 0 && text.length < line[0].length + 2)) {
      this.#head = text;
      return Math.min(bytes.length, from + 64);
    }
    this.#head = '';
    const size = Number.parseInt(line[1] as string, 16);
    if (size === 0) this.#endBody();
    else this.#missing = size + 2;
    return from + line[0].length - known + (size === 0 ? 2 : 0);
  }

  #endBody(): void {
    this.#inBody = false;
    this.#onResponse(this.#status);
  }
}
