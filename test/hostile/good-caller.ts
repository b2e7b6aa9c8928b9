import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import type { RawAnswer } from './answer-reader.js';
import type { KnownQuestion } from './known-questions.js';

export interface GoodReport {
  readonly asked: number;
  /** What was not a right answer, a sentence each. */
  readonly wrong: readonly string[];
}

export interface GoodCaller {
  /** Resolves once the last question is answered. */
  readonly stop: () => Promise<GoodReport>;
}

/** Leaves the machine to those who attack. */
const pauseMs = 3;

/** Asks one question after the other over a connection that stays open, until it is stopped. */
export function askGood(port: number, questions: readonly KnownQuestion[]): GoodCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const wrong: string[] = [];
  let asked = 0;
  let isStopped = false;
  const work = async (): Promise<void> => {
    while (!isStopped) {
      const question = questions[asked++ % questions.length] as KnownQuestion;
      try {
        const fault = question.fault(await ask(port, agent, question));
        if (fault !== undefined) wrong.push(fault);
      } catch (error) {
        wrong.push(`${question.target}: ${(error as Error).message}`);
        // Nobody is there any more: said once is enough.
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return;
      }
      await after(pauseMs);
    }
  };
  const done = work();
  return {
    stop: async () => {
      isStopped = true;
      await done;
      agent.destroy();
      return { asked, wrong };
    },
  };
}

const ask = (port: number, agent: Agent, { target, body }: KnownQuestion): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const call = request({ host: '127.0.0.1', port, agent, method: 'POST', path: target, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode as number, headers: [], body: Buffer.concat(parts) }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
