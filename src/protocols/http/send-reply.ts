import type { FastifyReply } from 'fastify';
import type { HttpReply } from './inference-call.js';

/** Answers through Fastify, with the headers as they are: to the content type of a text it would add a charset. */
export function sendReply(reply: FastifyReply, { status, headers, body }: HttpReply): void {
  reply
    .code(status)
    .headers(headers)
    .send(typeof body === 'string' ? Buffer.from(body) : body);
}
