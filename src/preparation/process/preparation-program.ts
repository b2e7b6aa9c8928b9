import type { ImagePlan } from '../../core/image-plan.js';
import type { TokenizerFacts } from '../../core/preparation.js';
import type { Program } from '../../processes/program.js';
import { frameKind, type LoadOrder, type Operation, readMessage, writeMessage } from '../preparation-frames.js';
import { ImagePreparation } from './image-preparation.js';
import { LoadedTokenizer } from './loaded-tokenizer.js';

type Response = readonly Uint8Array[];

/** What is loaded for a tenant. */
interface Loaded {
  readonly tokenizer?: LoadedTokenizer;
  readonly image?: ImagePlan;
}

const longestMessage = 2000;
const noFacts: TokenizerFacts = { specialIds: {}, subwordPrefix: undefined };

/** Prepares what models are asked, each tenant with files of its own. */
export class PreparationProgram implements Program {
  readonly #tenants = new Map<number, Loaded>();
  #images: ImagePreparation | undefined;

  respond(frame: Uint8Array, kind: number, tenant: number): Response | Promise<Response> {
    return kind === frameKind.load ? this.#load(frame, tenant) : this.#run(frame, tenant);
  }

  failure(error: unknown, tenant: number): Response {
    const message = (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
    return writeMessage(frameKind.failed, tenant, { message });
  }

  leave(tenant: number): void {
    this.#tenants.delete(tenant);
  }

  #load(frame: Uint8Array, tenant: number): Response {
    const { json, blobs } = readMessage(frame);
    const { specialTokens, image } = json as LoadOrder;
    const [bytes] = blobs;
    const tokenizer = bytes && new LoadedTokenizer(Buffer.from(bytes).toString(), specialTokens);
    if (image !== undefined) this.#images ??= new ImagePreparation();
    this.#tenants.set(tenant, { ...(tokenizer && { tokenizer }), ...(image && { image }) });
    return writeMessage(frameKind.loaded, tenant, tokenizer?.facts ?? noFacts);
  }

  async #run(frame: Uint8Array, tenant: number): Promise<Response> {
    const startedAtMs = performance.now();
    const { json: operation, blobs: given } = readMessage(frame);
    const { json, blobs } = await this.#perform(operation as Operation, given, tenant);
    const prepareMs = performance.now() - startedAtMs;
    return writeMessage(frameKind.result, tenant, { ...json, prepareMs }, blobs);
  }

  async #perform(operation: Operation, given: readonly Uint8Array[], tenant: number): Promise<Performed> {
    const { tokenizer, image } = this.#tenants.get(tenant) ?? {};
    if (operation.op === 'image') {
      if (image === undefined || this.#images === undefined) throw new Error(`tenant ${tenant} takes no pictures`);
      return this.#images.prepare(given[0] as Uint8Array, image);
    }
    if (tokenizer === undefined) throw new Error(`tenant ${tenant} takes no texts`);
    return operation.op === 'join'
      ? { json: { texts: tokenizer.join(operation.lists) }, blobs: [] }
      : tokenizer.tokenize(operation);
  }
}

interface Performed {
  readonly json: object;
  readonly blobs: readonly Uint8Array[];
}
