import type { InferenceEngine, InstanceGroup, LoadRequest } from '../../src/core/inference-engine.js';
import type { ModelVersionState } from '../../src/core/model.js';
import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import type { FoundModel } from '../../src/core/model-source.js';
import { ServingError } from '../../src/core/serving-error.js';
import { fanOut } from '../../src/core/serving-observer.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import { ModelManager, type ModelManagerOptions } from '../../src/serving/model-manager.js';
import { RegistryService } from '../../src/serving/registry-service.js';
import { ServableLoader } from '../../src/serving/servable-loader.js';
import { ComputingGroup } from './computing-group.js';
import { classifier } from './signatures.js';

/** Lets every promise that can move, move. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const zeros = ([x]: readonly NamedTensor[]): NamedTensor[] => {
  const rows = x?.shape[0] as number;
  return [{ name: 'y', dataType: 'FP32', shape: [rows, 3], data: new Float32Array(rows * 3) }];
};

/** Loads when the test says so. */
class PuppetEngine implements InferenceEngine {
  readonly groups = new Map<string, ComputingGroup>();
  /** Those whose loading was to yield to what serves. */
  readonly yielding = new Set<string>();
  readonly #waiting = new Map<string, { load: () => void; fail: (error: Error) => void }>();
  /** Without the test's word, at once. */
  automatic = true;

  load({ id, files, yields }: LoadRequest): Promise<InstanceGroup> {
    const key = `${id.name}/${id.version}`;
    if (yields === true) this.yielding.add(key);
    if (files().modelPath.includes('broken'))
      return Promise.reject(new ServingError('INVALID_ARGUMENT', 'it is broken'));
    return new Promise((resolve, reject) => {
      const load = (): void => {
        const group = new ComputingGroup(zeros);
        this.groups.set(key, group);
        resolve(group);
      };
      if (this.automatic) load();
      else this.#waiting.set(key, { load, fail: reject });
    });
  }

  get loading(): string[] {
    return [...this.#waiting.keys()].sort();
  }

  async finish(key: string): Promise<void> {
    this.#waiting.get(key)?.load();
    this.#waiting.delete(key);
    await settle();
  }

  async refuse(key: string, message: string): Promise<void> {
    this.#waiting.get(key)?.fail(new ServingError('INVALID_ARGUMENT', message));
    this.#waiting.delete(key);
    await settle();
  }

  async close(): Promise<void> {}
}

/** Counts how often a model is looked up. */
class CountedModels extends Map<string, FoundModel> {
  lookUps = 0;

  override get(name: string): FoundModel | undefined {
    this.lookUps++;
    return super.get(name);
  }
}

/** Version → content; a content with `broken` in it cannot be loaded. */
export type Contents = Readonly<Record<number, string>>;

/** A repository, an engine and everything between them, moved by the test. */
export class PuppetWorld {
  readonly engine = new PuppetEngine();
  readonly states: [string, ModelVersionState][] = [];
  /** Copies a model's file. */
  pin: (modelPath: string) => Promise<void> = async () => {};
  readonly manager: ModelManager;
  readonly service: RegistryService;
  readonly #models = new CountedModels();
  /** Whether the repository is being read for the first time. */
  isOpening = false;
  #onChange: () => void = () => {};

  constructor(readiness: 'some' | 'all' = 'some', loadConcurrency = 4, readyWhenEmpty = false) {
    const world = this;
    const source: ModelManagerOptions['source'] = {
      get isOpening() {
        return world.isOpening;
      },
      models: this.#models,
      onChange: (listener) => {
        this.#onChange = listener;
      },
      hasBeenRead: true,
      problem: undefined,
      untilStable: async () => true,
    };
    const observer = fanOut([
      { versionStateChanged: ({ id, state }) => void this.states.push([`${id.name}/${id.version}`, state]) },
    ]);
    const loader = new ServableLoader({
      engine: this.engine,
      prepare: async (modelPath) => ({
        files: () => ({ modelPath }),
        pin: () => this.pin(modelPath),
        signature: classifier,
        metadata: {},
        sizeBytes: 1,
        rewrites: [],
        dispose: async () => {},
      }),
      observer,
      budget: new MemoryBudget(1e9),
      cores: 1,
      defaults: { maxQueueRows: 100, maxQueueDelayMs: 0, runTimeoutMs: 1000, verifyBatches: true },
    });
    this.manager = new ModelManager({ source, loader, loadConcurrency, observer });
    this.service = new RegistryService({
      manager: this.manager,
      readiness,
      readyWhenEmpty,
      maxQueueRows: 1000,
      parseOverride: (text) => ({ config: JSON.parse(text) as object, choice: {} }),
    });
  }

  /** What now lies in the repository under this name; nothing removes it. */
  async put(
    name: string,
    contents?: Contents,
    config: Partial<ModelConfig> & { problem?: string } = {},
  ): Promise<void> {
    const { problem, ...settings } = config;
    if (contents === undefined) this.#models.delete(name);
    else {
      const versions = Object.entries(contents).map(([version, content]) => ({
        id: { name, version: Number(version) },
        modelPath: `/models/${name}/${version}/${content}.onnx`,
        fingerprint: content,
      }));
      const model = { name, config: { ...defaultModelConfig, ...settings }, versions };
      this.#models.set(name, problem === undefined ? model : { ...model, problem });
    }
    this.#onChange();
    await settle();
  }

  /** How often a model of the repository was looked up. */
  get lookUps(): number {
    return this.#models.lookUps;
  }

  /** `1: AVAILABLE, 2: LOADING` */
  statesOf(name: string): string {
    const model = this.service.models().find((one) => one.name === name);
    return (model?.versions ?? []).map(({ version, state }) => `${version}: ${state}`).join(', ');
  }
}
