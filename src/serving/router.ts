import type { ModelSelector } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import { nearestName } from '../core/nearest-name.js';
import { ServingError } from '../core/serving-error.js';
import { stateOf, type VersionFacts } from './model-entry.js';

/** What routing asks of a model: which of its versions serve, and why the others do not. */
export interface RoutedModel<Version extends VersionFacts> {
  readonly name: string;
  readonly config: Pick<ModelConfig, 'labels'>;
  /** Why the model as it lies in the repository cannot be used. */
  readonly problem: string | undefined;
  /** The operator unloaded it. */
  readonly suspended: boolean;
  readonly versions: ReadonlyMap<number, Version>;
}

/** While something is loading trying again soon is worth it. */
const loadingRetryAfterSeconds = 1;

/** The known model of a name. Throws NOT_FOUND with the nearest name. */
export function findModel<Model>(models: ReadonlyMap<string, Model>, selector: ModelSelector): Model {
  const model = models.get(selector.name);
  if (model !== undefined) return model;
  const nearest = nearestName(selector.name, models.keys());
  throw notFound(selector, nearest === undefined ? 'no model has this name' : `did you mean "${nearest}"?`);
}

/** The version that a selector with version or label names; undefined where it names none. Throws NOT_FOUND. */
export function namedVersion<Version extends VersionFacts>(
  model: RoutedModel<Version>,
  selector: ModelSelector,
): Version | undefined {
  const version = selector.label === undefined ? selector.version : labelledVersion(model, selector);
  if (version === undefined) return undefined;
  const found = model.versions.get(version);
  if (found !== undefined) return found;
  const known = [...model.versions.keys()].sort((a, b) => a - b);
  throw notFound(selector, known.length === 0 ? 'it has no version here' : `its versions here are ${known.join(', ')}`);
}

/**
 * The serving version that answers a request: the one that it names, else the latest that serves. Throws NOT_FOUND or,
 * where there is one but it does not serve, UNAVAILABLE.
 */
export function route<Version extends VersionFacts>(model: RoutedModel<Version>, selector: ModelSelector): Version {
  const isNamed = selector.version !== undefined || selector.label !== undefined;
  const named = isNamed ? namedVersion(model, selector) : undefined;
  if (named !== undefined) return named.serving === undefined ? failRoute(model, selector, [named]) : named;
  let latest: Version | undefined;
  for (const version of model.versions.values()) {
    if (version.serving !== undefined && (latest === undefined || version.version > latest.version)) latest = version;
  }
  return latest ?? failRoute(model, selector, [...model.versions.values()]);
}

/** Of the versions that would have answered none does. */
function failRoute(
  { name, problem, suspended }: RoutedModel<VersionFacts>,
  selector: ModelSelector,
  versions: readonly VersionFacts[],
): never {
  const retryAfterSeconds = Math.min(...versions.map(comesInSeconds));
  const coming = retryAfterSeconds < Number.POSITIVE_INFINITY;
  const isNamed = selector.version !== undefined || selector.label !== undefined;
  if (suspended && !coming) {
    throw notFound(
      selector,
      isNamed ? 'it was unloaded' : `it was unloaded; POST /v2/repository/models/${name}/load loads it`,
    );
  }
  if (isNamed) throw unavailable(selector, versions.map(describe).join('; '), retryAfterSeconds);
  const newestFirst = [...versions].sort((a, b) => b.version - a.version);
  const states = newestFirst.map((version) => `version ${version.version}: ${describe(version)}`);
  const why = [problem, ...states].filter((text) => text !== undefined).join('; ');
  throw unavailable(selector, why || 'it has no version that could serve', retryAfterSeconds);
}

/** Infinity where nothing is loading and nothing will be by itself. */
const comesInSeconds = ({ loading, failed }: VersionFacts): number =>
  loading !== undefined ? loadingRetryAfterSeconds : (failed?.retryAfterSeconds ?? Number.POSITIVE_INFINITY);

function labelledVersion({ config }: RoutedModel<VersionFacts>, selector: ModelSelector): number {
  const { labels } = config;
  const label = selector.label as string;
  const version = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (version !== undefined) return version;
  const names = Object.keys(labels);
  const nearest = nearestName(label, names);
  const hint = nearest === undefined ? `its labels are ${names.join(', ') || 'none'}` : `did you mean "${nearest}"?`;
  throw notFound(selector, hint);
}

const describe = (version: VersionFacts): string =>
  version.failed === undefined ? stateOf(version) : `${stateOf(version)}, ${version.failed.reason}`;

/** As TensorFlow Serving writes it: `Latest(iris)`, `Specific(iris, 3)`. */
function formatSelector({ name, version, label }: ModelSelector): string {
  if (label !== undefined) return `Label(${name}, ${label})`;
  return version === undefined ? `Latest(${name})` : `Specific(${name}, ${version})`;
}

const notFound = (selector: ModelSelector, hint: string): ServingError =>
  new ServingError('NOT_FOUND', `Servable not found for request: ${formatSelector(selector)}; ${hint}`, {
    missing: { selector, hint },
  });

const unavailable = (selector: ModelSelector, why: string, retryAfterSeconds: number): ServingError =>
  new ServingError('UNAVAILABLE', `${formatSelector(selector)} does not serve now: ${why}`, { retryAfterSeconds });
