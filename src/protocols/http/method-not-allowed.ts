import type { FastifyInstance } from 'fastify';
import { ServingError } from '../../core/serving-error.js';

interface KnownPath {
  readonly pattern: RegExp;
  /** Methods, as the header `Allow` has them. */
  readonly allow: string;
}

/**
 * Answers methods that a path of the routes registered from now on does not have: 405 with `Allow`, before the body is
 * read. No route is made for them: there would be three for each that is one.
 */
export function refuseOtherMethods(app: FastifyInstance): void {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
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
    paths ??= [...methodsByUrl].map(([url, known]) => ({ pattern: patternOf(url), allow: [...known].join(', ') }));
    const path = request.url.split('?', 1)[0] as string;
    const allow = paths.find(({ pattern }) => pattern.test(path))?.allow;
    if (allow === undefined) {
      done();
      return;
    }
    reply.header('allow', allow);
    done(
      new ServingError(
        'METHOD_NOT_ALLOWED',
        `${request.method} is not answered at ${request.url.slice(0, 200)}; use ${allow}`,
      ),
    );
  });
}

/** A colon that stands for itself, a parameter (with what it may be), or text. */
const token = /(?<colon>::)|:\w+(?:\((?<allowed>[^)]+)\))?|(?<text>[^:]+)/g;

/** What a router's path matches, with or without a slash behind it. */
function patternOf(url: string): RegExp {
  const source = url.replaceAll(token, (...match) => {
    const { colon, allowed, text } = match.at(-1) as Partial<Record<'colon' | 'allowed' | 'text', string>>;
    if (colon !== undefined) return ':';
    return text === undefined ? `(?:${allowed ?? '[^/]+'})` : text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}/?$`);
}
