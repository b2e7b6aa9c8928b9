import { Agent, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

const body = JSON.stringify({ instances: [[5.1, 3.5, 1.4, 0.2]] });
const headers = { 'content-type': 'application/json', 'content-length': body.length };

/** A caller with one connection, on which it asks the iris model one question after the other until it is stopped. */
export class KeepAliveClient {
  answered = 0;
  /** Answers that were no predictions, a line each. */
  readonly wrong: string[] = [];
  /** Times the connection broke; it asks again on another. */
  broken = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #loop: Promise<void>;
  #stopped = false;

  constructor(origin: string) {
    this.#loop = this.#run(`${origin}/v1/models/iris/predict`);
  }

  /** Resolves when `more` further answers came. */
  async answers(more: number): Promise<void> {
    const goal = this.answered + more;
    while (this.answered < goal && !this.#stopped) await after(5);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    this.#agent.destroy();
  }

  async #run(url: string): Promise<void> {
    while (!this.#stopped) {
      try {
        const { status, text } = await send(url, this.#agent);
        if (status === 200 && text.includes('setosa')) this.answered++;
        else this.wrong.push(`${status} ${text}`);
      } catch {
        this.broken++;
        await after(5);
      }
    }
  }
}

/** A question to the iris model on a connection of its own; its status. */
export const askOnce = async (origin: string): Promise<number | undefined> =>
  (await send(`${origin}/v1/models/iris/predict`, new Agent({ keepAlive: false }))).status;

/** A page, on a connection of its own. */
export const getOnce = (url: string) => send(url, new Agent({ keepAlive: false }), 'GET');

const send = (url: string, agent: Agent, method: 'GET' | 'POST' = 'POST') =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const call = request(url, { method, agent, ...(method === 'POST' && { headers }) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('aborted')));
    });
    call.on('error', reject);
    call.end(method === 'POST' ? body : undefined);
  });
