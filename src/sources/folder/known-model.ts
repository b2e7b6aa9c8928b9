import { defaultModelConfig } from '../../core/model-config.js';
import type { FoundModel, FoundVersion } from '../../core/model-source.js';
import { type AppliedSettings, applySettings, type SettingsParsers } from './applied-settings.js';
import { goldenFilesOf } from './golden-files.js';
import { chooseModelFile, type ModelFileWish } from './model-file-choice.js';
import type { ModelContent, ScannedModel, UnreadableModel, VersionContent } from './scanned.js';
import { observe, type Stability, type StabilityWindow } from './stability-window.js';

/** All that is remembered of a model between two scans. */
export interface KnownModel {
  readonly firstSeenMs: number;
  /** Before anything of it has lain still. */
  readonly isArriving: boolean;
  /** Whether nothing is being copied. */
  readonly isStable: boolean;
  /** Whether another scan that sees the same tells nothing else: nothing is waited for, nor can another try mend anything. */
  readonly isAtRest: boolean;
  readonly settings?: Stability<ModelContent>;
  readonly versions: ReadonlyMap<number, KnownVersion>;
  readonly applied?: AppliedSettings;
  /** What the world is told; absent while it has just arrived. */
  readonly found?: FoundModel;
}

interface KnownVersion {
  /** Since when it has not been seen. */
  readonly missingSinceMs?: number;
  readonly stability?: Stability<VersionContent>;
  readonly unreadable?: string;
}

/** A model that goes on arriving for this long is listed with that as its problem. */
const arrivalMs = 1000;

/** A model after one more scan. */
export async function afterScan(
  previous: KnownModel | undefined,
  scanned: ScannedModel | UnreadableModel,
  window: StabilityWindow,
  parsers: SettingsParsers,
): Promise<KnownModel> {
  const firstSeenMs = previous?.firstSeenMs ?? window.nowMs;
  if ('unreadable' in scanned) return unreadableModel(previous, scanned, firstSeenMs);
  const { name } = scanned;
  const settings = observe(previous?.settings, scanned, window);
  const versions = scanVersions(previous?.versions, scanned.versions, window);
  const isStable = settings.isStable && [...versions.values()].every(isAtRest);
  const content = settings.stable?.content;
  const applied = content && (await applySettings(previous?.applied, name, content, parsers));
  const described = content && applied && describe(name, content, applied, versions);
  const hasNothing = described === undefined || (described.versions.length === 0 && !isStable);
  const isArriving = hasNothing && (previous?.isArriving ?? true);
  const isLong = window.nowMs - firstSeenMs >= arrivalMs;
  const found = isArriving ? (isLong ? withoutVersions(name, arrivalProblem) : undefined) : described;
  return {
    firstSeenMs,
    isArriving,
    isStable,
    isAtRest: isStable && !isArriving && applied?.isToBeReadAgain !== true,
    settings,
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
    isStable: true,
    isAtRest: false,
    found: sameOr(previous?.found, found),
  };
}

function scanVersions(
  previous: KnownModel['versions'] | undefined,
  all: ScannedModel['versions'],
  window: StabilityWindow,
): Map<number, KnownVersion> {
  const versions = new Map<number, KnownVersion>();
  for (const [version, scanned] of all) {
    const stability = previous?.get(version)?.stability;
    if ('unreadable' in scanned) versions.set(version, { ...(stability && { stability }), ...scanned });
    else versions.set(version, { stability: observe(stability, scanned, window) });
  }
  const isReplaced = [...versions.values()].some(isBeingCopied);
  for (const [version, known] of previous ?? []) {
    if (versions.has(version) || known.stability?.stable === undefined) continue;
    const missingSinceMs = known.missingSinceMs ?? window.nowMs;
    if (isReplaced || isMissedYet(missingSinceMs, window)) versions.set(version, { ...known, missingSinceMs });
  }
  return versions;
}

const isAtRest = ({ stability, missingSinceMs }: KnownVersion): boolean =>
  missingSinceMs === undefined && (stability?.isStable ?? true);

const isBeingCopied = ({ stability }: KnownVersion): boolean => stability?.isStable === false;

/** Between the removal of the old and the arrival of the new, or in the midst of both, a scan may see neither. */
export const isMissedYet = (missingSinceMs: number, { nowMs, quietMs }: StabilityWindow): boolean =>
  nowMs - missingSinceMs < quietMs;

function describe(
  name: string,
  content: ModelContent,
  applied: AppliedSettings,
  versions: ReadonlyMap<number, KnownVersion>,
): FoundModel {
  const { config } = applied;
  const problems = [...content.problems];
  if (applied.problem !== undefined) problems.push(applied.problem);
  const found: FoundVersion[] = [];
  for (const [version, { stability, unreadable }] of [...versions].sort(([a], [b]) => a - b)) {
    const stable = stability?.stable;
    if (unreadable !== undefined) problems.push(`version ${version} cannot be read: ${unreadable}`);
    const chosen = stable && choose(stable.content, config ?? defaultModelConfig);
    if (chosen === undefined) continue;
    if ('problem' in chosen) {
      if (unreadable === undefined) problems.push(`version ${version} ${chosen.problem}`);
    } else found.push({ id: { name, version }, ...chosen, fingerprint: stable!.fingerprint });
  }
  return {
    name,
    config: config ?? defaultModelConfig,
    // Without ever a valid model.json nobody knows how the model is to be served.
    versions: config === undefined ? [] : found,
    ...(problems.length > 0 && { problem: problems.join('; ') }),
    ...(applied.notes.length > 0 && { notes: applied.notes }),
  };
}

function choose(
  content: VersionContent,
  wish: ModelFileWish,
): Pick<FoundVersion, 'modelPath' | 'goldenFiles'> | { readonly problem: string } {
  if ('problem' in content) return content;
  const { modelFiles, foreign, golden } = content;
  const choice = chooseModelFile([...modelFiles.keys()], wish);
  if ('file' in choice) {
    const goldenFiles = golden === undefined ? [] : goldenFilesOf(golden, choice.file);
    return { modelPath: modelFiles.get(choice.file)!, ...(goldenFiles.length > 0 && { goldenFiles }) };
  }
  const isEmpty = modelFiles.size === 0 && foreign !== undefined;
  return isEmpty ? { problem: `${choice.problem}; ${foreign}` } : choice;
}

/** The previous object where nothing changed, so that a difference is a difference of identity. */
function sameOr(previous: FoundModel | undefined, found: FoundModel): FoundModel {
  const isSame =
    previous !== undefined &&
    previous.config === found.config &&
    previous.problem === found.problem &&
    previous.notes?.join() === found.notes?.join() &&
    previous.versions.length === found.versions.length &&
    previous.versions.every((version, index) => isSameVersion(version, found.versions[index]!));
  return isSame ? previous : found;
}

const isSameVersion = (a: FoundVersion, b: FoundVersion): boolean =>
  a.id.version === b.id.version && a.fingerprint === b.fingerprint && a.modelPath === b.modelPath;
