import type { Random } from '../support/random.js';

/** A path of the server's own OpenAPI document, and the methods that it has there. */
export interface DocumentedRoute {
  readonly path: string;
  readonly methods: readonly string[];
}

export interface Target {
  readonly target: string;
  /** A method that the route has, where it is a route. */
  readonly method: string;
  /** Whether it is about a model that may be unloaded. */
  readonly mayBeAway: boolean;
}

/** Beside what is documented. */
const oddPaths = [
  '/',
  '//',
  '/metrics/',
  '/metrics/..',
  '/docs',
  '/docs/',
  '/docs/json',
  '/docs/static/..%2f..%2fpackage.json',
  '/nothing',
  '*',
  '/%2e%2e/%2e%2e/etc/passwd',
  '//v1/models',
  '/v1//models',
  '/v1/models/',
  '/V1/MODELS',
  '/v1/models/good%2Fpredict',
  '/v1/models/a%2Fb:predict',
  '/v1/models/good:',
  '/v1/models/:predict',
  '/v1/models/good:predict:predict',
  '/v1/models/good/versions/1/labels/x/predict',
  '/v1/models/%',
  '/v1/models/%zz/predict',
  '/v1/models/%ff%fe/metadata',
  '/v1/models/%00',
  '/v2/models//infer',
  '/v2/models/good/infer/',
  '/v2/models/good/versions//infer',
  '/v2/models/__proto__/infer',
  '/v2/health/live?x=1&x=2&%00',
  '/?',
  '/#',
  '/;a=b',
  '/metrics?name[]=a&name[]=b',
  '/.well-known/security.txt',
  '/favicon.ico',
];

const versions = ['1', '1', '2', '0', '-1', '999999999999999999999', '1e3', '%31', 'x', '..', ''];
const labels = ['stable', 'none', '%2F', '__proto__'];

/** One of the server's routes, filled in, or a path beside them. `prey` may be loaded and unloaded. */
export function randomTarget(random: Random, routes: readonly DocumentedRoute[], prey: string): Target {
  const { path, methods } = random.chance(5)
    ? { path: random.pick(oddPaths), methods: ['get', 'post'] }
    : random.pick(routes);
  const isControl = path.startsWith('/v2/repository');
  const strangers = ['nope', 'a%2Fb', '%00', '..', 'constructor', 'x'.repeat(300)];
  const name = random.chance(3) ? random.pick(strangers) : isControl ? prey : random.pick(['good', 'good', prey]);
  const filled = path
    .replace('{name}', name)
    .replace('{version}', random.pick(versions))
    .replace('{label}', random.pick(labels))
    .replaceAll(/\{[^}]+\}/g, 'x');
  const query = random.chance(12) ? random.pick(['?', '?a=b', '?%', `?${'q'.repeat(2000)}`, '?a=1&a=2']) : '';
  const target = filled.includes('?') ? filled : filled + query;
  const method = random.pick(methods).toUpperCase();
  return { target, method, mayBeAway: isControl || filled.includes(prey) };
}
