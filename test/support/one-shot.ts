import { type IncomingHttpHeaders, request } from 'node:http';

export interface OneShotAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** A request on a connection of its own, which is closed afterwards: looking at the server leaves nothing open there. */
export function oneShot(method: 'GET' | 'POST', url: string): Promise<OneShotAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, text: Buffer.concat(chunks).toString(), headers });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

export const getJson = async (url: string): Promise<unknown> => JSON.parse((await oneShot('GET', url)).text);
