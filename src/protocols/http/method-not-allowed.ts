import type { FastifyInstance } from 'fastify';
import { ServingError } from '../../core/serving-error.js';
import { shortText } from '../../core/short-text.js';

interface KnownPath {
  readonly pattern: RegExp;
  /** Methods, as the header `Allow` has them. */
  readonly allow: string;
}

/**
 * Answers methods that a path of the routes registered from now on does not have, before the body is read: OPTIONS with
 * 204, others with 405, both with `Allow`. No route is made for them: there would be three for each that is one.
 */
export function rejectOtherMethods(app: FastifyInstance): void {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsByUrl.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name.toUpperCase());
    methodsByUrl.set(url, known);
  });
  /** Made when first asked for: most servers are never asked. */
  let paths: readonly KnownPath[] | undefined;
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) {
      done();
      return;
    }
    paths ??= [...methodsByUrl].map(([url, known]) => ({
      pattern: patternOf(url),
      allow: [...known, 'OPTIONS'].join(', '),
    }));
    const path = request.url.split('?', 1)[0] as string;
    const allow = path === '*' ? wholeServer : paths.find(({ pattern }) => pattern.test(path))?.allow;
    // A path that has the method and is not found all the same names no model: a slash in a name, say.
    const isOptions = request.method === 'OPTIONS';
    if (allow === undefined || (!isOptions && allow.split(', ').includes(request.method))) {
      done();
      return;
    }
    reply.header('allow', allow);
    if (isOptions) {
      reply.code(204).send();
      return;
    }
    done(
      new ServingError(
        'METHOD_NOT_ALLOWED',
        `${request.method} is not answered at ${shortText(request.url, 200)}; use ${allow}`,
      ),
    );
  });
}

/** What `OPTIONS *` is told. */
const wholeServer = 'GET, HEAD, POST, OPTIONS';

/** A colon that stands for itself, a parameter (with what it may be), or text. */
const token = /(?<colon>::)|:\w+(?:\((?<allowed>[^)]+)\))?|(?<text>[^:]+)/g;

/** What a router's path matches, with or without a slash behind it. */
function patternOf(url: string): RegExp {
  const source = url.replaceAll(token, (...match) => {
    const { colon, allowed, text } = match.at(-1) as Partial<Record<'colon' | 'allowed' | 'text', string>>;
    if (colon !== undefined) return ':';
    if (text === undefined) return `(?:${allowed ?? '[^/]+'})`;
    return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
  });
  return new RegExp(`^${source}/?$`);
}
