import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { acceptedEncoding } from '../http/accepted-encoding.js';
import { pageHeaders } from '../http/http-response.js';
import { openToAll } from '../http/route-access.js';

/** The page as the build has made it: `index.html`, and what it loads, by names that change with the contents. */
const folder = fileURLToPath(new URL('../../../bundle/page', import.meta.url));

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const compressions = { br: '.br', gzip: '.gz' } as const;
const encodings = ['br', 'gzip'] as const;

/** It shows pictures that it was given, and calls nobody but this server. */
const headers = {
  ...pageHeaders,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** So long may a browser use what it has; the name of what changed is another. */
const forGood = 'public, max-age=31536000, immutable';

/**
 * The page to try models on: at `/` for browsers, which say that they want HTML; all others get what they got without it. To
 * be called before routes are guarded: the page itself is for everybody, and asks for a key where one is needed.
 */
export function addPage(app: FastifyInstance): void {
  const files = new PageFiles();
  app.addHook('onRequest', (request, reply, done) => {
    if (isPage(request)) files.send('index.html', 'no-cache', request, reply).catch(done);
    else done();
  });
  app.get('/page/:file', { schema: { hide: true }, ...openToAll('both') }, async (request, reply) => {
    const { file } = request.params as { file: string };
    if (!(await files.names()).has(file)) return reply.callNotFound();
    return files.send(file, forGood, request, reply);
  });
}

function isPage({ method, url, headers: { accept = '' } }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0];
  return path === '/' && (method === 'GET' || method === 'HEAD') && /\btext\/html\b/i.test(accept);
}

/** Read when somebody first asks. */
class PageFiles {
  readonly #contents = new Map<string, Promise<Buffer>>();
  #names: Promise<ReadonlySet<string>> | undefined;

  /** What the page loads. */
  names(): Promise<ReadonlySet<string>> {
    this.#names ??= readdir(folder).then((names) => new Set(names.filter((name) => /^page-\w+\.(js|css)$/.test(name))));
    return this.#names;
  }

  async send(name: string, caching: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const encoding = acceptedEncoding(request.headers['accept-encoding'], encodings);
    const body = await this.#read(encoding === undefined ? name : `${name}${compressions[encoding]}`);
    reply.headers({
      ...headers,
      'content-type': types[name.split('.').at(-1) as string],
      'cache-control': caching,
      vary: name === 'index.html' ? 'accept, accept-encoding' : 'accept-encoding',
    });
    if (encoding !== undefined) reply.header('content-encoding', encoding);
    return reply.send(body);
  }

  #read(file: string): Promise<Buffer> {
    let contents = this.#contents.get(file);
    if (contents === undefined) {
      contents = readFile(join(folder, file));
      this.#contents.set(file, contents);
    }
    return contents;
  }
}
