import assert from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';
import { projectPath, readYaml } from './deployment-files.js';
import { manifestProblems, type Typed } from './manifest-schemas.js';
import { type Container, configOf } from './pods.js';

interface Runtime extends Typed {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly supportedModelFormats: readonly { readonly name: string }[];
    readonly protocolVersions: readonly string[];
    readonly containers: readonly Container[];
  };
}

interface InferenceService extends Typed {
  readonly spec: {
    readonly predictor: {
      readonly model: {
        readonly runtime: string;
        readonly modelFormat: { readonly name: string };
        readonly protocolVersion: string;
      };
    };
  };
}

const runtime = readYaml<Runtime>('deploy/kserve/serving-runtime.yaml');
const container = runtime.spec.containers[0]!;

/** What KServe makes of the runtime's arguments for an InferenceService of this name. */
const argumentsFor = (name: string): string[] => container.args.map((arg) => arg.replaceAll('{{.Name}}', name));

const examples = readdirSync(projectPath('deploy/kserve')).filter((name) => name.startsWith('inference-service-'));

describe('the runtime for KServe', () => {
  test('has the form that KServe expects, and the container the name', () => {
    assert.deepEqual(manifestProblems(runtime), []);
    assert.equal(container.name, 'kserve-container');
  });

  test('is ready when a model is, not when a port is open', () => {
    assert.equal(container.readinessProbe.httpGet.path, '/v2/health/ready');
    assert.equal(container.ports.length, 1, 'Knative takes one');
  });

  test('drains within the time that Kubernetes gives by default, and lets Prometheus in', () => {
    const { drainDelayMs, drainTimeoutMs, metricsAccess } = configOf({ ...container, args: argumentsFor('iris') });
    assert.ok(drainDelayMs + drainTimeoutMs < 30_000);
    assert.equal(metricsAccess, true);
  });

  test('serves a model that comes late to /mnt/models by the name of its InferenceService', async (context) => {
    const folder = new ModelFolder();
    context.after(() => folder.remove());
    const mounted = join(folder.path, 'mnt-models');
    const [command, ...flags] = argumentsFor('flowers').map((arg) => arg.replace('/mnt/models', mounted));
    assert.equal(command, 'serve');
    // Two tests may run at once.
    const freely = flags.map((flag) => flag.replace(/(?<=port=)\d+$/, '0'));
    const env = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
    const server = await ServerProcess.start(
      freely,
      { ...env, SLIPWAY_DRAIN_DELAY_MS: '0', MODEL_INIT_MODE: 'async' },
      ['--host', '127.0.0.1'],
    );
    context.after(() => server.stop());
    assert.equal((await server.get('/v2/health/live')).status, 200);
    assert.equal((await server.get(container.readinessProbe.httpGet.path)).status, 503);

    // As a modelcar does it: a link to where the image's models are.
    folder.put(join(shippedModels, 'iris/2/model.onnx'), 'image/models/model.onnx');
    symlinkSync(join(folder.path, 'image/models'), mounted);
    await server.ready();
    const row = [5.1, 3.5, 1.4, 0.2];
    const v1 = await server.post('/v1/models/flowers:predict', { instances: [row] });
    assert.equal(v1.body.predictions[0].label, 'setosa');
    const input = { name: 'measurements', datatype: 'FP32', shape: [1, 4], data: row };
    const v2 = await server.post('/v2/models/flowers/infer', { inputs: [input] });
    assert.equal(v2.body.model_name, 'flowers');
  });
});

describe('the InferenceServices', () => {
  test('are one for each way to a model, and one that is autoscaled', () => {
    assert.deepEqual(
      examples.map((name) => /^inference-service-(.+)\.yaml$/.exec(name)?.[1]),
      ['keda', 'modelcar', 'oci', 'pvc', 's3'],
    );
  });

  for (const name of examples) {
    test(`${name} has the form that KServe expects, and asks for what the runtime has`, () => {
      const service = readYaml<InferenceService>(`deploy/kserve/${name}`);
      assert.deepEqual(manifestProblems(service), []);
      const { model } = service.spec.predictor;
      assert.equal(model.runtime, runtime.metadata.name);
      assert.ok(runtime.spec.supportedModelFormats.some((format) => format.name === model.modelFormat.name));
      assert.ok(runtime.spec.protocolVersions.includes(model.protocolVersion));
    });
  }
});

describe('the schemas of manifests', () => {
  const wrong: [string, (manifest: Runtime) => object, RegExp][] = [
    ['a field that is misspelled', ({ spec, ...rest }) => ({ ...rest, spec: { ...spec, container: [] } }), /container/],
    ['a field of another type', (manifest) => ({ ...manifest, spec: { ...manifest.spec, volumes: 'tmp' } }), /volumes/],
    ['a field that is missing', (manifest) => ({ ...manifest, spec: { volumes: [] } }), /containers/],
    ['a kind that does not exist', (manifest) => ({ ...manifest, kind: 'Runtime' }), /Runtime/],
  ];
  for (const [name, change, where] of wrong) {
    test(`find ${name}`, () => {
      assert.match(manifestProblems(change(runtime) as Typed).join('\n'), where);
    });
  }
});
