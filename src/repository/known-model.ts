import { defaultModelConfig } from '../core/model-config.js';
import type { FoundModel, FoundVersion } from '../core/model-source.js';
import { type AppliedConfig, applyConfig, type ParseModelConfig } from './applied-config.js';
import type { ModelContent, ModelSighting, UnreadableModel, VersionContent } from './sighting.js';
import { type Patience, type Watched, watch } from './watched.js';

/** All that is remembered of a model between two looks. */
export interface KnownModel {
  readonly firstSeenMs: number;
  /** Before anything of it has lain still. */
  readonly isArriving: boolean;
  /** Whether nothing is being copied. */
  readonly isSettled: boolean;
  readonly shell?: Watched<ModelContent>;
  readonly versions: ReadonlyMap<number, KnownVersion>;
  readonly applied?: AppliedConfig;
  /** What the world is told; absent while it has just arrived. */
  readonly found?: FoundModel;
}

interface KnownVersion {
  /** Since when it has not been seen. */
  readonly missingSinceMs?: number;
  readonly watched?: Watched<VersionContent>;
  readonly unreadable?: string;
}

/** A model that goes on arriving for this long is listed with that as its problem. */
const arrivalMs = 1000;

/** A model after one more look. */
export async function lookAgain(
  previous: KnownModel | undefined,
  sighting: ModelSighting | UnreadableModel,
  patience: Patience,
  parse: ParseModelConfig,
): Promise<KnownModel> {
  const firstSeenMs = previous?.firstSeenMs ?? patience.nowMs;
  if ('unreadable' in sighting) return unreadableModel(previous, sighting, firstSeenMs);
  const { name } = sighting;
  const shell = watch(previous?.shell, sighting, patience);
  const versions = lookAtVersions(previous?.versions, sighting.versions, patience);
  const isSettled = shell.isSettled && [...versions.values()].every(isAtRest);
  const content = shell.settled?.content;
  const applied = content && (await applyConfig(previous?.applied, content, parse));
  const described = content && applied && describe(name, content, applied, versions);
  const hasNothing = described === undefined || (described.versions.length === 0 && !isSettled);
  const isArriving = hasNothing && (previous?.isArriving ?? true);
  const isLong = patience.nowMs - firstSeenMs >= arrivalMs;
  const found = isArriving ? (isLong ? withoutVersions(name, arrivalProblem) : undefined) : described;
  return {
    firstSeenMs,
    isArriving,
    isSettled,
    shell,
    versions,
    ...(applied && { applied }),
    ...(found && { found: sameOr(previous?.found, found) }),
  };
}

const arrivalProblem = 'its files keep changing; it is served once they have lain still for a moment';

const withoutVersions = (name: string, problem: string): FoundModel => ({
  name,
  config: defaultModelConfig,
  versions: [],
  problem,
});

/** What is known stays as it was, with the problem. */
function unreadableModel(
  previous: KnownModel | undefined,
  { name, unreadable }: UnreadableModel,
  firstSeenMs: number,
): KnownModel {
  const problem = `the folder cannot be read: ${unreadable}`;
  const found = previous?.found ? { ...previous.found, problem } : withoutVersions(name, problem);
  return {
    firstSeenMs,
    isArriving: true,
    versions: new Map(),
    ...previous,
    isSettled: true,
    found: sameOr(previous?.found, found),
  };
}

function lookAtVersions(
  previous: KnownModel['versions'] | undefined,
  sightings: ModelSighting['versions'],
  patience: Patience,
): Map<number, KnownVersion> {
  const versions = new Map<number, KnownVersion>();
  for (const [version, sighting] of sightings) {
    const watched = previous?.get(version)?.watched;
    if ('unreadable' in sighting) versions.set(version, { ...(watched && { watched }), ...sighting });
    else versions.set(version, { watched: watch(watched, sighting, patience) });
  }
  const isReplaced = [...versions.values()].some(isBeingCopied);
  for (const [version, known] of previous ?? []) {
    if (versions.has(version) || known.watched?.settled === undefined) continue;
    const missingSinceMs = known.missingSinceMs ?? patience.nowMs;
    if (isReplaced || isMissedYet(missingSinceMs, patience)) versions.set(version, { ...known, missingSinceMs });
  }
  return versions;
}

const isAtRest = ({ watched, missingSinceMs }: KnownVersion): boolean =>
  missingSinceMs === undefined && (watched?.isSettled ?? true);

const isBeingCopied = ({ watched }: KnownVersion): boolean => watched?.isSettled === false;

/** Between the removal of the old and the arrival of the new, or in the midst of both, a look may see neither. */
export const isMissedYet = (missingSinceMs: number, { nowMs, quietMs }: Patience): boolean =>
  nowMs - missingSinceMs < quietMs;

function describe(
  name: string,
  content: ModelContent,
  applied: AppliedConfig,
  versions: ReadonlyMap<number, KnownVersion>,
): FoundModel {
  const problems = [...content.problems];
  if (applied.problem !== undefined) problems.push(applied.problem);
  const found: FoundVersion[] = [];
  for (const [version, { watched, unreadable }] of [...versions].sort(([a], [b]) => a - b)) {
    const settled = watched?.settled;
    if (unreadable !== undefined) problems.push(`version ${version} cannot be read: ${unreadable}`);
    else if (settled && 'problem' in settled.content) problems.push(`version ${version} ${settled.content.problem}`);
    if (settled && 'modelPath' in settled.content) {
      found.push({ id: { name, version }, modelPath: settled.content.modelPath, fingerprint: settled.fingerprint });
    }
  }
  const { config } = applied;
  return {
    name,
    config: config ?? defaultModelConfig,
    // Without ever a valid model.json nobody knows how the model is to be served.
    versions: config === undefined ? [] : found,
    ...(problems.length > 0 && { problem: problems.join('; ') }),
  };
}

/** The previous object where nothing changed, so that a difference is a difference of identity. */
function sameOr(previous: FoundModel | undefined, found: FoundModel): FoundModel {
  const isSame =
    previous !== undefined &&
    previous.config === found.config &&
    previous.problem === found.problem &&
    previous.versions.length === found.versions.length &&
    previous.versions.every((version, index) => isSameVersion(version, found.versions[index]!));
  return isSame ? previous : found;
}

const isSameVersion = (a: FoundVersion, b: FoundVersion): boolean =>
  a.id.version === b.id.version && a.fingerprint === b.fingerprint && a.modelPath === b.modelPath;
