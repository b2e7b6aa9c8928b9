import { hasRows } from '../../core/batch-axes.js';
import type { InferenceRequest, InferenceTimings } from '../../core/inference.js';
import type { Tokenized, TokenSequence } from '../../core/preparation.js';
import type { Inference, Servable } from '../../core/servable.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { HeadCall } from '../../tasks/text/text-head.js';
import { filledTo, type TokenBatch, type TokenBatchLimits, tokenBatches } from '../../tasks/text/token-batches.js';
import { runTokens } from './run-tokens.js';
import { readTextRequest, type TextRequest } from './text-request.js';
import type { TextTaskParts } from './text-task.js';

/** Characters of a text that a tokenizer is given, for each token that it may become at most. */
const charactersPerToken = 250;
/** Rows of one request that are with the engine at a time: others have their turn between them. */
const mostRowsAtOnce = 128;

/** One request to a text task: tokenized, run in batches of like length, and answered text by text. */
export class TextCall {
  readonly #inner: Servable;
  readonly #parts: TextTaskParts;
  readonly #request: InferenceRequest;

  constructor(inner: Servable, parts: TextTaskParts, request: InferenceRequest) {
    this.#inner = inner;
    this.#parts = parts;
    this.#request = request;
  }

  async run(): Promise<Inference> {
    const { head, preparer } = this.#parts;
    const { parameters = {}, outputs: wanted } = this.#request;
    const call = head.begin(parameters);
    const asked = readTextRequest(this.#request, head.pairs);
    const texts = this.#read(asked, call);
    const { sequences, longer, prepareMs } = await this.#tokenize(texts, call);
    const runs: Inference[] = [];
    const limits = this.#limits();
    const rows = await this.#infer(sequences, { limits, call, runs });
    const byText = Array.from({ length: asked.tokens?.length ?? texts.texts.length }, () => [] as unknown[]);
    for (const [index, { text }] of sequences.entries()) byText[text]?.push(rows[index]);
    const outputs = await call.outputsOf(byText, texts.texts, (lists) => preparer.joinTokens(lists, this.#request));
    return {
      outputs: chosen(outputs, wanted),
      rows: byText.length,
      batchRows: Math.max(...runs.map(({ batchRows }) => batchRows)),
      timings: { ...slowest(runs), prepareMs },
      usage: { ...tokensOf(sequences, limits), truncatedRows: longer.length },
    };
  }

  /** Texts as the tokenizer is given them. */
  #read(asked: TextRequest, { wishes }: HeadCall): TextRequest {
    const { maxTokens, plan } = this.#parts;
    const { lowerCase = false } = plan.settings;
    const most = charactersPerToken * maxTokens;
    const prepared = (text: string, prompt = ''): string => {
      const whole = prompt + (text.length > most ? text.slice(0, most) : text);
      return lowerCase ? whole.toLowerCase() : whole;
    };
    return {
      ...asked,
      texts: asked.texts.map((text) => prepared(text, wishes.prompt)),
      ...(asked.pairs && { pairs: asked.pairs.map((text) => prepared(text)) }),
    };
  }

  async #tokenize({ texts, pairs, tokens }: TextRequest, { wishes }: HeadCall): Promise<Tokenized> {
    const { head, maxTokens, preparer } = this.#parts;
    if (tokens !== undefined) return this.#asTheyAre(tokens);
    const { stride } = wishes;
    const tokenized = await preparer.tokenize(
      {
        texts,
        pairs,
        maxTokens: Number.isFinite(maxTokens) ? maxTokens : undefined,
        stride,
        details: head.needsDetails,
      },
      this.#request,
    );
    const [first] = tokenized.longer;
    if (!wishes.truncates && first !== undefined) {
      throw invalidArgument(`input "text", text ${first}: it is longer than ${maxTokens} tokens, and is not to be cut`);
    }
    const empty = tokenized.sequences.find(({ ids }) => ids.length === 0);
    if (empty !== undefined)
      throw invalidArgument(`input "text", text ${empty.text}: the tokenizer makes no token of it`);
    return tokenized;
  }

  #asTheyAre(tokens: readonly Int32Array[]): Tokenized {
    const { maxTokens } = this.#parts;
    const sequences = tokens.map((ids, text): TokenSequence => {
      const cut = ids.subarray(0, maxTokens);
      return { text, ids: cut, typeIds: new Uint8Array(cut.length) };
    });
    const longer = tokens.flatMap(({ length }, text) => (length > maxTokens ? [text] : []));
    return { sequences, longer, prepareMs: 0 };
  }

  /** What the head makes of each sequence, in their order. */
  async #infer(
    sequences: readonly TokenSequence[],
    { limits, call, runs }: { limits: TokenBatchLimits; call: HeadCall; runs: Inference[] },
  ): Promise<unknown[]> {
    const lengths = sequences.map(({ ids }) => ids.length);
    const batches = tokenBatches(lengths, limits);
    const rows = new Array<unknown>(sequences.length);
    let atOnce: Promise<void>[] = [];
    let rowsAtOnce = 0;
    for (const batch of batches) {
      if (rowsAtOnce + batch.rows.length > mostRowsAtOnce) {
        await Promise.all(atOnce);
        [atOnce, rowsAtOnce] = [[], 0];
      }
      rowsAtOnce += batch.rows.length;
      atOnce.push(this.#runBatch(batch, sequences, call, rows, runs));
    }
    await Promise.all(atOnce);
    return rows;
  }

  /** Texts that share no run are not filled up. While that is still being tried out they are, so that answers stay the same. */
  #limits(): TokenBatchLimits {
    const { batching } = this.#inner.description;
    const mayShare = batching.kind !== 'none' || batching.pending === true;
    const { fixedLength, isPadded, maxBatchTokens, maxTokens } = this.#parts;
    const maxRows = hasRows(batching) ? mostRowsAtOnce : 1;
    return { fixedLength, maxBatchTokens, maxTokens, maxRows, isPadded: isPadded && mayShare };
  }

  async #runBatch(
    { length, rows: places }: TokenBatch,
    sequences: readonly TokenSequence[],
    call: HeadCall,
    rows: unknown[],
    runs: Inference[],
  ): Promise<void> {
    const own = places.map((place) => sequences[place] as TokenSequence);
    const onRun = (inference: Inference): void => void runs.push(inference);
    const given = await runTokens(this.#inner, this.#parts, { sequences: own, length }, this.#request, onRun);
    for (const [at, row] of given.entries()) rows[places[at] as number] = call.row(row);
  }
}

function tokensOf(sequences: readonly TokenSequence[], limits: TokenBatchLimits) {
  let [tokens, filled] = [0, 0];
  for (const { ids } of sequences) {
    tokens += ids.length;
    filled += filledTo(ids.length, limits);
  }
  return { tokens, paddingTokens: filled - tokens };
}

function chosen(outputs: readonly NamedTensor[], wanted: readonly string[] | undefined): readonly NamedTensor[] {
  return wanted === undefined
    ? outputs
    : wanted.map((name) => {
        const output = outputs.find((one) => one.name === name);
        if (output === undefined) {
          throw invalidArgument(
            `the model has no output "${name}"; its outputs are ${outputs.map((one) => `"${one.name}"`).join(', ')}`,
          );
        }
        return output;
      });
}

/** Batches of one request run side by side: what the longest took. */
const slowest = (runs: readonly Inference[]): InferenceTimings => {
  const most = (key: 'queueMs' | 'batchMs' | 'computeMs') => Math.max(...runs.map(({ timings }) => timings[key]));
  return { queueMs: most('queueMs'), batchMs: most('batchMs'), computeMs: most('computeMs') };
};
