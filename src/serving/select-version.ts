import type { ModelSelector } from '../core/model.js';
import { nearestName } from '../core/nearest-name.js';
import { ServingError } from '../core/serving-error.js';
import { type ModelEntry, stateOf, type VersionEntry } from './model-entry.js';
import type { Servable } from './servable.js';

/** While something is loading, trying again soon is worth it. */
const loadingRetryAfterSeconds = 1;

/** The entry of a known model. Throws NOT_FOUND with the nearest name. */
export function findModel(models: ReadonlyMap<string, ModelEntry>, selector: ModelSelector): ModelEntry {
  const entry = models.get(selector.name);
  if (entry !== undefined) return entry;
  const nearest = nearestName(selector.name, models.keys());
  throw notFound(selector, nearest === undefined ? 'no model has this name' : `did you mean "${nearest}"?`);
}

/** The version that a selector with version or label names; undefined for the latest. Throws NOT_FOUND. */
export function findVersion(entry: ModelEntry, selector: ModelSelector): VersionEntry | undefined {
  const version = selector.label === undefined ? selector.version : labelledVersion(entry, selector);
  if (version === undefined) return undefined;
  const found = entry.versions.get(version);
  if (found !== undefined) return found;
  const known = [...entry.versions.keys()].sort((a, b) => a - b);
  throw notFound(selector, known.length === 0 ? 'it has no version here' : `its versions here are ${known.join(', ')}`);
}

/** The servable to answer a request. Throws NOT_FOUND or, where it exists but does not serve, UNAVAILABLE. */
export function selectServable(models: ReadonlyMap<string, ModelEntry>, selector: ModelSelector): Servable {
  const entry = findModel(models, selector);
  const version = findVersion(entry, selector);
  if (version === undefined) return latestServable(entry, selector);
  if (version.serving !== undefined) return version.serving.servable;
  throw unavailable(selector, describe(version), version.loading !== undefined);
}

function latestServable(entry: ModelEntry, selector: ModelSelector): Servable {
  let latest: VersionEntry | undefined;
  for (const version of entry.versions.values()) {
    if (version.serving !== undefined && (latest === undefined || version.version > latest.version)) latest = version;
  }
  if (latest?.serving !== undefined) return latest.serving.servable;
  const versions = [...entry.versions.values()].sort((a, b) => b.version - a.version);
  const states = versions.map((version) => `version ${version.version}: ${describe(version)}`);
  const why = [entry.problem, ...states].filter((text) => text !== undefined).join('; ');
  const loading = versions.some((version) => version.loading !== undefined);
  throw unavailable(
    selector,
    why || (entry.suspended ? 'it was unloaded' : 'it has no version that could serve'),
    loading,
  );
}

function labelledVersion(entry: ModelEntry, selector: ModelSelector): number {
  const { labels } = entry.config;
  const label = selector.label as string;
  const version = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (version !== undefined) return version;
  const names = Object.keys(labels);
  const nearest = nearestName(label, names);
  const hint = nearest === undefined ? `its labels are ${names.join(', ') || 'none'}` : `did you mean "${nearest}"?`;
  throw notFound(selector, hint);
}

const describe = (version: VersionEntry): string =>
  version.failed === undefined ? stateOf(version) : `${stateOf(version)}, ${version.failed.reason}`;

/** As TensorFlow Serving writes it: `Latest(iris)`, `Specific(iris, 3)`. */
function formatSelector({ name, version, label }: ModelSelector): string {
  if (label !== undefined) return `Label(${name}, ${label})`;
  return version === undefined ? `Latest(${name})` : `Specific(${name}, ${version})`;
}

const notFound = (selector: ModelSelector, hint: string): ServingError =>
  new ServingError('NOT_FOUND', `Servable not found for request: ${formatSelector(selector)}; ${hint}`);

const unavailable = (selector: ModelSelector, why: string, loading: boolean): ServingError =>
  new ServingError(
    'UNAVAILABLE',
    `${formatSelector(selector)} does not serve now: ${why}`,
    loading ? { retryAfterSeconds: loadingRetryAfterSeconds } : {},
  );
