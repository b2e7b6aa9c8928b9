import { defaultModelConfig } from '../core/model-config.js';
import type { FoundModel, FoundVersion } from '../core/model-source.js';
import { type AppliedConfig, applyConfig, type ParseModelConfig } from './applied-config.js';
import type { ModelContent, ModelSighting, UnreadableModel, VersionContent } from './sighting.js';
import { type Patience, type Watched, watch } from './watched.js';

/** All that is remembered of a model between two looks. */
export interface KnownModel {
  readonly shell?: Watched<ModelContent>;
  readonly versions: ReadonlyMap<number, KnownVersion>;
  readonly applied?: AppliedConfig;
  /** What the world is told; absent while its first version is still being copied. */
  readonly found?: FoundModel;
  readonly isSettled: boolean;
}

interface KnownVersion {
  readonly watched?: Watched<VersionContent>;
  readonly unreadable?: string;
}

/** A model after one more look. */
export async function lookAgain(
  previous: KnownModel | undefined,
  sighting: ModelSighting | UnreadableModel,
  patience: Patience,
  parse: ParseModelConfig,
): Promise<KnownModel> {
  if ('unreadable' in sighting) {
    const { name, unreadable } = sighting;
    const { config = defaultModelConfig, versions = [] } = previous?.found ?? {};
    const found = { name, config, versions, problem: `the folder cannot be read: ${unreadable}` };
    return { versions: new Map(), ...previous, found: sameOr(previous?.found, found), isSettled: true };
  }
  const shell = watch(previous?.shell, sighting, patience);
  const versions = lookAtVersions(previous?.versions, sighting.versions, patience);
  const isSettled = shell.isSettled && [...versions.values()].every(({ watched }) => watched?.isSettled ?? true);
  if (shell.settled === undefined) return { shell, versions, isSettled };
  const applied = await applyConfig(previous?.applied, shell.settled.content, parse);
  const found = describe(sighting.name, shell.settled.content, applied, versions);
  const isArriving = previous?.found === undefined && found.versions.length === 0 && !isSettled;
  return { shell, versions, applied, isSettled, ...(!isArriving && { found: sameOr(previous?.found, found) }) };
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
  return versions;
}

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
