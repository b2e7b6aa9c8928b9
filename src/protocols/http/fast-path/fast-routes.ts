import type { ModelSelector } from '../../../core/model.js';
import type { ServingError } from '../../../core/serving-error.js';
import type { HttpMethod } from '../inference-route.js';
import { selectorOf } from '../model-selector.js';
import type { RequestHead } from './request-head.js';

export interface FastRoute {
  /** Of the whole path; its groups are the ModelParams. Names that need percent-encoding are not for the fast path. */
  readonly path: RegExp;
  /** Content types it reads, in lower case. */
  readonly contentTypes: readonly string[];
  readonly method: HttpMethod;
}

export interface FoundRoute {
  /** Or why what the path says is none. */
  readonly model: ModelSelector | ServingError;
  readonly method: HttpMethod;
}

/** What a path below /models means in a pattern, as `ModelScope.path` has it for Fastify. */
export const modelPattern = '(?<name>[A-Za-z0-9._~-]{1,128})';
export const versionPattern = '/versions/(?<version>[0-9]{1,20})';
export const labelPattern = '/labels/(?<label>[A-Za-z0-9._~-]{1,128})';

const spelled = (type: string): string[] => [type, `${type}; charset=utf-8`, `${type};charset=utf-8`];

/** As `readJsonBodies` has it, in the spellings that clients use. */
export const jsonTypes = [
  ...spelled('application/json'),
  ...spelled('text/plain'),
  ...spelled('text/json'),
  'application/x-www-form-urlencoded',
  '*/*',
];

/** Groups have no prototype, and copying such an object whole takes longer than all else that is done with a path. */
function modelOf({ groups: { name = '', version, label } = {} }: RegExpExecArray): FoundRoute['model'] {
  if (version === undefined) return label === undefined ? { name } : { name, label };
  try {
    return selectorOf({ name, version });
  } catch (error) {
    return error as ServingError;
  }
}

/** The calls that the fast path takes: those of which there are thousands a second. */
export class FastRoutes {
  readonly #routes: FastRoute[] = [];
  readonly #leavesPages: boolean;

  /** `leavesPages`: what web pages send is for Fastify, which knows what their browsers have to be told. */
  constructor({ leavesPages }: { readonly leavesPages: boolean }) {
    this.#leavesPages = leavesPages;
  }

  add(route: FastRoute): void {
    this.#routes.push(route);
  }

  /** Undefined: Fastify knows what to do. */
  find({ path, headers }: RequestHead): FoundRoute | undefined {
    if (this.#leavesPages && headers.origin !== undefined) return undefined;
    const type = headers['content-type']?.toLowerCase() ?? 'application/json';
    for (const route of this.#routes) {
      const match = route.path.exec(path);
      if (match === null) continue;
      if (!route.contentTypes.includes(type)) return undefined;
      return { model: modelOf(match), method: route.method };
    }
    return undefined;
  }
}
