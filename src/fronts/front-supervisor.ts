import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import type { MetricFamily } from '../observability/merge-metrics.js';
import { afterExit, longLifeMs } from './after-exit.js';
import { Door } from './door.js';
import type { FromFront, Question, Reply } from './front-messages.js';
import { type FrontEnd, FrontProcess } from './front-process.js';
import { frontShare } from './front-share.js';
import { Inquiries } from './inquiries.js';
import { nextTaker, witnesses } from './roster.js';

export interface FrontLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface FrontSupervisorOptions {
  readonly config: Config;
  readonly fronts: number;
  /** Of this program. */
  readonly version: string;
  /** Path of the program of a front. */
  readonly program: string;
  /** An empty folder for what is temporary; its owner removes it. */
  readonly temporaryFolder: string;
  readonly logger: FrontLog;
  /** Puts together what ended fronts had counted; asked for only once one has ended. */
  readonly mergeDeparted: (left: readonly MetricFamily[], before: readonly MetricFamily[]) => Promise<MetricFamily[]>;
}

/** What a front may take to answer for itself. */
const patienceMs = 1000;
/** What fronts may take to end beyond the time that they give their requests. */
const endingMs = 5000;

/** Keeps several fronts behind one port: starts them, replaces those that end, lets them ask each other. */
export class FrontSupervisor {
  readonly #options: FrontSupervisorOptions;
  readonly #fronts = new Set<FrontProcess>();
  readonly #inquiries = new Inquiries({ patienceMs });
  readonly #door = new Door({ hand: (socket) => this.#hand(socket) });
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #shortLives = new Map<number, number>();
  #departed: Promise<MetricFamily[]> = Promise.resolve([]);
  #hasServed = false;
  #startCount = 0;
  #isStopping = false;
  #isClean = true;
  #reportStart: ((problem?: Error) => void) | undefined;

  constructor(options: FrontSupervisorOptions) {
    this.#options = options;
  }

  /** Resolves with the address once every front can take connections; models go on loading. */
  async start(): Promise<string> {
    const { fronts, config } = this.#options;
    const listening = new Promise<void>((resolve, reject) => {
      this.#reportStart = (problem) => (problem === undefined ? resolve() : reject(problem));
    });
    for (let number = 1; number <= fronts; number++) this.#startFront(number, false);
    await listening;
    const address = await this.#door.open(config);
    this.#hasServed = true;
    return address;
  }

  /** As one server stops, all fronts together. Resolves with whether every one of them ended as it should. */
  async stop(): Promise<boolean> {
    const { drainDelayMs, drainTimeoutMs } = this.#options.config;
    this.#isStopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const front of this.#fronts) front.send({ kind: 'drain' });
    await after(drainDelayMs);
    this.#door.close();
    for (const front of this.#fronts) front.send({ kind: 'stop' });
    const timer = setTimeout(() => this.kill(), drainTimeoutMs + endingMs);
    await Promise.all([...this.#fronts].map(({ ended }) => ended));
    clearTimeout(timer);
    return this.#isClean;
  }

  /** Ends every front at once. */
  kill(): void {
    for (const front of this.#fronts) front.kill();
  }

  #startFront(number: number, isReplacement: boolean): void {
    const { config, fronts, version, program, temporaryFolder } = this.#options;
    const front = new FrontProcess({
      number,
      isReplacement,
      program,
      temporaryFolder: join(temporaryFolder, String(++this.#startCount)),
      onMessage: (from, message) => this.#heard(from, message),
    });
    this.#fronts.add(front);
    front.send({
      kind: 'begin',
      front: number,
      isReplacement,
      version,
      config: frontShare(config, { front: number, fronts }),
    });
    void front.ended.then((end) => this.#ended(front, end));
  }

  #heard(front: FrontProcess, message: FromFront): void {
    switch (message.kind) {
      case 'listening':
      case 'settled':
        this.#advance(front, message.kind);
        break;
      case 'ask':
        void this.#ask(message.question).then((replies) => front.send({ kind: 'replies', id: message.id, replies }));
        break;
      case 'answer':
        this.#inquiries.answered(front, message.id, message.outcome);
        break;
    }
  }

  #advance(front: FrontProcess, state: 'listening' | 'settled'): void {
    front.state = state;
    if (state === 'settled' && front.isReplacement) {
      this.#options.logger.info({ front: front.number, frontPid: front.pid }, 'front serves again');
    }
    this.#door.passWaiting();
    const isWhole = [...this.#fronts].every((one) => one.state !== 'starting');
    if (isWhole && this.#fronts.size === this.#options.fronts) this.#reportStart?.();
  }

  async #ask(question: Question): Promise<readonly Reply[]> {
    const fronts = [...this.#fronts];
    const isAction = question.kind === 'load' || question.kind === 'unload';
    const replies = await this.#inquiries.ask(isAction ? fronts : witnesses(fronts), question);
    if (question.kind !== 'metrics') return replies;
    for (const front of fronts) {
      const own = replies.find((reply) => reply.front === front.number);
      if (own !== undefined && 'value' in own) front.lastMetrics = String(own.value);
    }
    return [{ front: 0, value: JSON.stringify(await this.#departed) }, ...replies];
  }

  #hand(socket: Socket): boolean {
    const front = nextTaker([...this.#fronts]);
    if (front === undefined) return false;
    front.hand(socket);
    // Of equals the first gets the next one: not this one again.
    this.#fronts.delete(front);
    this.#fronts.add(front);
    return true;
  }

  #ended(front: FrontProcess, end: FrontEnd): void {
    const { number } = front;
    this.#fronts.delete(front);
    this.#inquiries.gone(front);
    for (const socket of end.untaken) this.#door.pass(socket);
    if (this.#isStopping) this.#isClean &&= end.isClean;
    else this.#options.logger.error({ front: number, frontPid: front.pid }, `front ended with ${end.cause}`);
    this.#keepCounts(front);
    const shortLives = end.livedMs >= longLifeMs ? 1 : (this.#shortLives.get(number) ?? 0) + 1;
    this.#shortLives.set(number, shortLives);
    const next = afterExit({ isStopping: this.#isStopping, hasServed: this.#hasServed, shortLives });
    if (next.kind === 'give-up')
      this.#reportStart?.(new Error(`front ${number} ended with ${end.cause} before it served`));
    if (next.kind === 'restart') this.#restartIn(next.delayMs, number);
  }

  #restartIn(delayMs: number, number: number): void {
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#startFront(number, true);
    }, delayMs);
    this.#restarts.add(timer);
  }

  /** What it counted since the last scrape is lost with it. */
  #keepCounts({ lastMetrics }: FrontProcess): void {
    if (lastMetrics === undefined) return;
    const { mergeDeparted } = this.#options;
    // Text of `JSON.stringify`, made by the same program.
    const left = JSON.parse(lastMetrics) as MetricFamily[];
    this.#departed = this.#departed.then((before) => mergeDeparted(left, before));
  }
}
