import type { Attributes } from '@opentelemetry/api';
import type { ArrivingCall } from '../../core/call-trace.js';

/** A path with the names in it left open: there are few of them, whatever models there are. */
const routeOf = (path: string): string =>
  path.replaceAll(/\/(models|versions|labels)\/[^/:]+/g, (_, kind: string) => `/${kind}/{${kind.slice(0, -1)}}`);

/** Callers send the same few paths again and again. */
const mostRoutes = 1024;

/** No header of a caller makes a span larger than this. */
const longestAgent = 256;

/** What a call that comes is called, as OpenTelemetry's semantic conventions have it. */
export class CallNames {
  readonly #scheme: string;
  readonly #routes = new Map<string, string>();

  constructor(scheme: 'http' | 'https') {
    this.#scheme = scheme;
  }

  /** Of its span. */
  nameOf({ transport, path }: ArrivingCall): string {
    return transport === 'http' ? `POST ${this.#routeOf(path)}` : path.slice(1);
  }

  describe({ transport, path, headers }: ArrivingCall, attributes: Attributes): void {
    if (transport === 'grpc') {
      attributes['rpc.system.name'] = 'grpc';
      attributes['rpc.method'] = path.slice(1);
      return;
    }
    attributes['http.request.method'] = 'POST';
    attributes['http.route'] = this.#routeOf(path);
    attributes['url.path'] = path;
    attributes['url.scheme'] = this.#scheme;
    const agent = headers['user-agent'];
    if (typeof agent === 'string') attributes['user_agent.original'] = agent.slice(0, longestAgent);
  }

  #routeOf(path: string): string {
    const known = this.#routes.get(path);
    if (known !== undefined) return known;
    if (this.#routes.size === mostRoutes) this.#routes.clear();
    const route = routeOf(path);
    this.#routes.set(path, route);
    return route;
  }
}
