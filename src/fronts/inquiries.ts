import type { Outcome, Question, Reply, ToFront } from './front-messages.js';

/** A front, as far as it can be asked. */
export interface Asked {
  readonly number: number;
  readonly lastMetrics: string | undefined;
  send(message: ToFront): void;
}

interface Inquiry {
  readonly question: Question;
  readonly waiting: Set<Asked>;
  readonly replies: Reply[];
  readonly resolve: (replies: readonly Reply[]) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export interface InquiriesOptions {
  /** How long fronts may take to say what they know. Loading and unloading take what they take. */
  readonly patienceMs: number;
}

/** Questions that several fronts are being asked. */
export class Inquiries {
  readonly #patienceMs: number;
  readonly #open = new Map<number, Inquiry>();
  #lastId = 0;

  constructor({ patienceMs }: InquiriesOptions) {
    this.#patienceMs = patienceMs;
  }

  /** A reply from each of them; a front that ends meanwhile has none. */
  ask(fronts: readonly Asked[], question: Question): Promise<readonly Reply[]> {
    if (fronts.length === 0) return Promise.resolve([]);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const isAction = question.kind === 'load' || question.kind === 'unload';
      const timer = isAction ? undefined : setTimeout(() => this.#giveUp(id), this.#patienceMs);
      this.#open.set(id, { question, waiting: new Set(fronts), replies: [], resolve, timer });
      for (const front of fronts) front.send({ kind: 'question', id, question });
    });
  }

  answered(front: Asked, id: number, outcome: Outcome): void {
    const inquiry = this.#open.get(id);
    if (!inquiry?.waiting.delete(front)) return;
    inquiry.replies.push({ front: front.number, ...outcome });
    this.#settleIfWhole(id, inquiry);
  }

  /** The front has ended. */
  gone(front: Asked): void {
    for (const [id, inquiry] of this.#open) if (inquiry.waiting.delete(front)) this.#settleIfWhole(id, inquiry);
  }

  #giveUp(id: number): void {
    const inquiry = this.#open.get(id);
    if (inquiry === undefined) return;
    for (const front of inquiry.waiting) inquiry.replies.push(silent(front, inquiry.question));
    inquiry.waiting.clear();
    this.#settleIfWhole(id, inquiry);
  }

  #settleIfWhole(id: number, { waiting, replies, resolve, timer }: Inquiry): void {
    if (waiting.size > 0) return;
    clearTimeout(timer);
    this.#open.delete(id);
    resolve(replies.sort((a, b) => a.front - b.front));
  }
}

/** A busy front's counters are as they were a while ago; without them the sums would fall. */
function silent({ number, lastMetrics }: Asked, { kind }: Question): Reply {
  if (kind === 'metrics' && lastMetrics !== undefined) return { front: number, value: lastMetrics };
  return {
    front: number,
    error: { code: 'UNAVAILABLE', message: `front ${number} does not answer`, retryAfterSeconds: 1 },
  };
}
