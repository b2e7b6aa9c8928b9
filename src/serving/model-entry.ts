import type { ModelVersionState, ModelVersionStatus } from '../core/model.js';
import { defaultModelConfig, type ModelConfig } from '../core/model-config.js';
import type { FoundVersion } from '../core/model-source.js';
import type { VersionSituation } from './reconcile.js';
import type { ServedVersion } from './served-version.js';

/** What is decided on about a version: whether it serves, is on its way, or has failed. */
export interface VersionFacts {
  readonly version: number;
  readonly serving?: object | undefined;
  /** Fingerprint of the content being loaded. */
  readonly loading?: string | undefined;
  readonly loadStarted?: boolean;
  readonly failed?: Pick<VersionFailure, 'reason' | 'retryAfterSeconds'> | undefined;
  readonly unloading: number;
}

/** One version of one model, as the server stands with it. */
export interface VersionEntry extends VersionFacts {
  readonly version: number;
  serving?: { readonly servable: ServedVersion; readonly fingerprint: string } | undefined;
  /** Fingerprint of the content being loaded. */
  loading?: string | undefined;
  /** Loading has begun, rather than waiting for its turn. */
  loadStarted?: boolean;
  failed?: VersionFailure | undefined;
  /** Requests of the old content are being finished, or its processes ended. */
  unloading: number;
  /** The state that observers were told last. */
  announced?: ModelVersionState;
}

export interface VersionFailure {
  readonly fingerprint: string;
  readonly reason: string;
  /** Set where something else is on its way, or this is tried again by itself. */
  readonly retryAfterSeconds?: number | undefined;
  /** Whether it failed for something that may pass: it is tried again by itself. */
  readonly mayPass: boolean;
}

/** One model, by name. */
export class ModelEntry {
  readonly name: string;
  config: ModelConfig = defaultModelConfig;
  /** Settings that a load request brought: they count for more than those of its files. */
  override: Partial<ModelConfig> | undefined;
  /** Why the model as it lies in the repository cannot be used. */
  problem: string | undefined;
  /** What is to serve, by the version policy and by what the operator asked. */
  wanted: readonly (FoundVersion & { readonly target: string })[] = [];
  /** The operator unloaded it through the API. */
  suspended = false;
  /** What would serve if the operator had not unloaded it. */
  suspendedVersions: readonly number[] = [];
  readonly versions = new Map<number, VersionEntry>();

  constructor(name: string) {
    this.name = name;
  }

  versionEntry(version: number): VersionEntry {
    let entry = this.versions.get(version);
    if (entry === undefined) {
      entry = { version, unloading: 0 };
      this.versions.set(version, entry);
    }
    return entry;
  }

  /** What `reconcile` decides on. */
  situation(): VersionSituation[] {
    return [...this.versions.values()].map(({ version, serving, loading, failed }) => ({
      version,
      ...(serving === undefined ? {} : { serving: serving.fingerprint }),
      ...(loading === undefined ? {} : { loading }),
      ...(failed === undefined ? {} : { failed: failed.fingerprint }),
    }));
  }

  /** Versions that serve now, ascending. */
  servingVersions(): number[] {
    return [...this.versions.values()]
      .filter((entry) => entry.serving !== undefined)
      .map((entry) => entry.version)
      .sort((a, b) => a - b);
  }

  labelsOf(version: number): string[] {
    return Object.keys(this.config.labels).filter((label) => this.config.labels[label] === version);
  }

  /** Every wanted version serves its newest content or has failed with it. */
  get isDecided(): boolean {
    return this.wanted.every(({ id, target }) => {
      const entry = this.versions.get(id.version);
      return entry?.serving?.fingerprint === target || entry?.failed?.fingerprint === target;
    });
  }

  /** Besides, nothing of the model is loading or unloading. */
  get isReconciled(): boolean {
    const isStill = ({ loading, unloading }: VersionEntry): boolean => loading === undefined && unloading === 0;
    return this.isDecided && [...this.versions.values()].every(isStill);
  }

  /** Every wanted version serves its newest content. */
  get isCurrent(): boolean {
    return this.wanted.every(({ id, target }) => this.versions.get(id.version)?.serving?.fingerprint === target);
  }

  /** Some of what is wanted does not serve its newest content, and only for what may pass. */
  get awaitsFiles(): boolean {
    const failures = this.wanted.flatMap(({ id, target }) => {
      const failed = this.versions.get(id.version)?.failed;
      return failed?.fingerprint === target ? [failed] : [];
    });
    return this.problem === undefined && failures.length > 0 && failures.every(({ mayPass }) => mayPass);
  }

  get allWantedServe(): boolean {
    return this.wanted.every(({ id }) => this.versions.get(id.version)?.serving !== undefined);
  }

  /** Descending by version. */
  statuses(): ModelVersionStatus[] {
    const unloaded = this.suspendedVersions
      .filter((version) => !this.versions.has(version))
      .map((version) => ({ ...this.#status(version, 'END', 'unloaded by request'), isIntended: true }));
    const present = [...this.versions.values()].map((entry) =>
      this.#status(entry.version, stateOf(entry), entry.failed?.reason),
    );
    return [...unloaded, ...present].sort((a, b) => b.version - a.version);
  }

  #status(version: number, state: ModelVersionState, reason: string | undefined): ModelVersionStatus {
    const status = { name: this.name, version, state, labels: this.labelsOf(version) };
    return reason === undefined ? status : { ...status, reason };
  }
}

export function stateOf(entry: VersionFacts): ModelVersionState {
  if (entry.serving !== undefined) return 'AVAILABLE';
  if (entry.loading !== undefined) return entry.loadStarted === true ? 'LOADING' : 'START';
  return entry.unloading > 0 ? 'UNLOADING' : 'END';
}
