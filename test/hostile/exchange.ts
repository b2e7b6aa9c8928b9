import { connect } from 'node:net';
import { AnswerReader } from './answer-reader.js';
import type { HostileRequest } from './hostile-request.js';

export interface Outcome {
  readonly reader: AnswerReader;
  /** `answered`: all that was owed came. `closed`: the server ended the connection. */
  readonly ended: 'answered' | 'closed' | 'aborted' | 'silent' | 'refused';
}

/** Longer than a busy machine needs for any of them. */
const patienceMs = 30_000;

/** Sends what the request has over a connection of its own and reads until all is answered or the connection ends. */
export function exchange(port: number, request: HostileRequest): Promise<Outcome> {
  const { pieces, whole, tail, ending } = request;
  const reader = new AnswerReader((answer) => whole[answer]?.method === 'HEAD');
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const timer = setTimeout(() => finish('silent'), patienceMs);
    const finish = (ended: Outcome['ended']): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      resolve({ reader, ended });
    };
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
      if (ending === 'half-close') socket.end();
      else if (ending === 'abort') socket.write('', () => finish('aborted'));
    });
    socket.on('data', (bytes) => {
      reader.feed(bytes);
      const isAnswered = tail === 'nothing' && reader.answers.length >= whole.length;
      if (reader.fault !== undefined || isAnswered) finish('answered');
    });
    socket.on('end', () => {
      reader.end();
      finish('closed');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED' ? 'refused' : 'closed'));
  });
}
