import type { CallOrigin, InferenceCall, ReplyReceiver } from '../inference-call.js';
import type { ModelParams } from '../model-selector.js';
import type { RequestHead } from './request-head.js';

export interface FastRoute {
  /** Of the whole path; its groups are the ModelParams. Names that need percent-encoding are not for the fast lane. */
  readonly path: RegExp;
  /** Content types it reads, in lower case. */
  readonly contentTypes: readonly string[];
  /** Never fails. */
  readonly answer: (call: InferenceCall, receiver: ReplyReceiver) => void;
  /** Hears of a request whose body did not come whole. */
  readonly cutOff: (call: CallOrigin) => void;
}

export interface FoundRoute extends Pick<FastRoute, 'answer' | 'cutOff'> {
  readonly params: ModelParams;
}

/** What a path below /models means in a pattern, as `ModelScope.path` has it for Fastify. */
export const modelPattern = '(?<name>[A-Za-z0-9._~-]{1,128})';
export const versionPattern = '/versions/(?<version>[0-9]{1,20})';
export const labelPattern = '/labels/(?<label>[A-Za-z0-9._~-]{1,128})';

export const jsonTypes = ['application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-8'];

/** Groups have no prototype, and copying such an object whole takes longer than all else that is done with a path. */
function paramsOf({ groups: { name = '', version, label } = {} }: RegExpExecArray): ModelParams {
  if (version !== undefined) return { name, version };
  return label === undefined ? { name } : { name, label };
}

/** The calls that the fast lane takes: those of which there are thousands a second. */
export class FastRoutes {
  readonly #routes: FastRoute[] = [];

  add(route: FastRoute): void {
    this.#routes.push(route);
  }

  /** Undefined: Fastify knows what to do. */
  find({ path, headers }: RequestHead): FoundRoute | undefined {
    const type = headers['content-type']?.toLowerCase();
    if (type === undefined) return undefined;
    for (const route of this.#routes) {
      const match = route.path.exec(path);
      if (match === null) continue;
      if (!route.contentTypes.includes(type)) return undefined;
      const { answer, cutOff } = route;
      return { params: paramsOf(match), answer, cutOff };
    }
    return undefined;
  }
}
