import type { TestContext } from 'node:test';
import { type Answer, type Call, Caller } from './caller.js';
import type { MetricsPage } from './metrics-page.js';
import { ModelFolder } from './model-folder.js';
import { everyModelServes, metricsOf } from './quiet-state.js';
import { ServerProcess } from './server-process.js';

/** A model's file, and its `model.json`. */
export interface GivenModel {
  readonly file: string;
  readonly settings?: object;
}

/** A server of a few models with one caller, for one test. */
export interface ServedModels {
  readonly server: ServerProcess;
  readonly folder: ModelFolder;
  readonly caller: Caller;
  /** Predicts by v1. */
  predict(model: string, body: unknown, headers?: Call['headers']): Promise<Answer>;
  metrics(): Promise<MetricsPage>;
}

/** Resolves when every model serves; all of it ends with the test. */
export async function serveModels(
  context: TestContext,
  models: Readonly<Record<string, GivenModel>>,
  flags: readonly string[] = [],
): Promise<ServedModels> {
  const folder = new ModelFolder();
  context.after(() => folder.remove());
  for (const [name, { file, settings }] of Object.entries(models)) {
    if (settings !== undefined) folder.write(JSON.stringify(settings), `${name}/model.json`);
    folder.put(file, `${name}/1/model.onnx`);
  }
  const server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '100', ...flags]);
  const caller = new Caller(server.origin);
  context.after(async () => {
    caller.close();
    await server.stop();
  });
  await everyModelServes(server);
  return {
    server,
    folder,
    caller,
    predict: (model, body, headers = {}) =>
      caller.call({
        path: `/v1/models/${model}/predict`,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers,
      }),
    metrics: () => metricsOf(server),
  };
}
