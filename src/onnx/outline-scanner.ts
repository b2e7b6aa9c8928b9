import { fromBinary } from '@bufbuild/protobuf';
import type { ByteRange, FieldRange, FileWindow } from './file-window.js';
import type { FieldVisitors, MessageFields } from './message-fields.js';
import { OutlineBudget } from './outline-budget.js';
import { StringStringEntryProtoSchema } from './schema/onnx_pb.js';
import { type WireField, walkFields } from './wire-fields.js';

/** Reads single fields of a model file, within a budget of memory and time for the whole of it. */
export class OutlineScanner {
  readonly file: FileWindow;
  readonly #budget: OutlineBudget;
  readonly #texts = new Map<string, string>();
  readonly #decoder = new TextDecoder();

  constructor(file: FileWindow) {
    this.file = file;
    this.#budget = new OutlineBudget(file.name);
  }

  fields(range: ByteRange, fields: MessageFields, visitors: FieldVisitors): Promise<void> {
    this.#budget.spendMessage();
    return walkFields(this.file, range, (field) => {
      this.#budget.spendField();
      return fields.visit(field, visitors);
    });
  }

  /** Decodes a small message as a whole. */
  message<T>(field: WireField, decode: (bytes: Uint8Array) => T): Promise<T> {
    this.#budget.spendDecoding(field.range.length);
    return this.file.decode(field.range, decode);
  }

  text(field: WireField): Promise<string> {
    this.#budget.spendText(field.range.length);
    return this.file.decode(field.range, (bytes) => this.#decoder.decode(bytes));
  }

  /** As `text`, without a promise where the bytes are in the buffer, as those of small nodes are. */
  eachText(field: WireField, use: (text: string) => void): void | Promise<void> {
    const bytes = this.file.peek(field.range);
    if (bytes === undefined) return this.text(field).then(use);
    this.#budget.spendText(field.range.length);
    use(this.#decoder.decode(bytes));
  }

  /** A few bytes, which are valid during the call only; without a promise where they are in the buffer. */
  eachBytes(field: WireField, use: (bytes: Uint8Array) => void): void | Promise<void> {
    this.#budget.spendText(field.range.length);
    const bytes = this.file.peek(field.range);
    if (bytes === undefined) return this.file.decode(field.range, use);
    use(bytes);
  }

  /** One string for all that are equal: operator names repeat thousands of times. */
  shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  async property(field: WireField, into: Map<string, string>): Promise<void> {
    this.#budget.spendText(field.range.length);
    const { key, value } = await this.file.decode(field.range, (bytes) =>
      fromBinary(StringStringEntryProtoSchema, bytes),
    );
    into.set(key, value);
  }

  /** Remembers where a field lies instead of reading it. */
  range(field: WireField): FieldRange {
    this.#budget.spendRange();
    return field.range;
  }
}
