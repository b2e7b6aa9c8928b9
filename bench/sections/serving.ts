import type { AnnouncedServer } from '../contenders/announced-server.js';
import type { Contender, Window } from '../contenders/contender.js';
import { EngineLoops } from '../contenders/engine-loops.js';
import { externalContender } from '../contenders/external-target.js';
import { HttpContender } from '../contenders/http-contender.js';
import {
  launchFloor,
  launchNaive,
  launchSlipway,
  naiveBinaryRequests,
  naiveRequests,
  slipwayRequests,
} from '../contenders/servers.js';
import type { ModelName } from '../recipes/make-models.js';
import { protocols } from '../workloads/request-body.js';
import type { Workload } from '../workloads/workload.js';
import { workload as makeWorkload } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { type Entry, measureInTurns, type Series } from './series.js';

/** About as long as an answer of the models here. */
const responseBytes: Readonly<Record<ModelName, number>> = {
  mlp: 60,
  'mnist-cnn': 130,
  'text-encoder': 2900,
  'resnet-50': 11_000,
  'image-mean': 90,
  forest: 90,
};

/** Bodies of more than a megabyte; 64 callers of them would only wait for each other. */
const hasImages = (model: ModelName): boolean => isHeavy(model) || model === 'image-mean';

const isHeavy = (model: ModelName): boolean => model === 'resnet-50';

/** Every workload over every protocol, server and engine on one core, the generator on another. */
export async function measureServing(context: BenchContext): Promise<Series[]> {
  const all: Series[] = [];
  for (const model of context.workloads) {
    const stage = await Stage.set(makeWorkload(model), context);
    try {
      for (const window of windowsOf(model, context.quick)) {
        context.say(`serving: ${model}, ${window.connections} connections`);
        all.push(...(await measureInTurns(stage.entries, window, context.rounds)));
      }
    } finally {
      await stage.clear();
    }
  }
  return all;
}

function windowsOf(model: ModelName, quick: boolean): Window[] {
  const connections = hasImages(model) ? (quick ? [16] : [1, 16]) : quick ? [1, 64] : [1, 16, 64, 256];
  // Long enough for the naive server to answer something: it reads every body that is there before it computes.
  const durationMs = isHeavy(model) ? 8000 : quick ? 700 : 1500;
  const warmupMs = isHeavy(model) ? 1500 : 300;
  return connections.map((count) => ({ connections: count, warmupMs, durationMs }));
}

/** One workload's servers, all of them up at once, on the server's core. */
class Stage {
  readonly entries: readonly Entry[];
  readonly #servers: readonly AnnouncedServer[];
  readonly #engine: EngineLoops;

  private constructor(entries: readonly Entry[], servers: readonly AnnouncedServer[], engine: EngineLoops) {
    this.entries = entries;
    this.#servers = servers;
    this.#engine = engine;
  }

  static async set(workload: Workload, { cores, generator, targets }: BenchContext): Promise<Stage> {
    const { model } = workload;
    const placement = { cores: cores.server };
    const slipway = await launchSlipway({ model }, placement);
    const naive = await launchNaive(model, placement);
    const floor = await launchFloor(responseBytes[model], placement);
    const engine = await EngineLoops.start(workload, [cores.server]);
    const entry = (protocol: string, contender: Contender): Entry => ({ contender, workload: model, protocol });
    const http = (name: string, server: AnnouncedServer, requests: readonly Uint8Array[]): HttpContender =>
      new HttpContender({ name, generator, server, requests });
    const isSingleInput = workload.questions[0]?.length === 1;
    const entries = [
      ...protocols.map((protocol) => entry(protocol, http('Slipway', slipway, slipwayRequests(workload, protocol)))),
      entry('v1', http('naive', naive, naiveRequests(workload))),
      ...(isSingleInput ? [entry('raw bytes', http('naive', naive, naiveBinaryRequests(workload)))] : []),
      entry('v1', http('HTTP floor', floor, naiveRequests(workload))),
      entry('none', engine),
      ...targets.map((target) => entry('its own', externalContender(target, workload, generator))),
    ];
    return new Stage(entries, [slipway, naive, floor], engine);
  }

  async clear(): Promise<void> {
    this.#engine.stop();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}
