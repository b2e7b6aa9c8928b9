import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configFrom, readYamlDocuments } from './deployment-files.js';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly selector: unknown;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

const manifests = readYamlDocuments<Manifest>('deploy/kubernetes/slipway.yaml');
const { template } = manifests.find(({ kind }) => kind === 'Deployment')!.spec;
const pod = template.spec;
const container = pod.containers[0]!;
const variables = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
const config = configFrom(variables);

describe('the Kubernetes manifest', () => {
  test('has a deployment, a service, a disruption budget and an autoscaler', () => {
    assert.deepEqual(
      manifests.map(({ kind }) => kind),
      ['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'],
    );
    assert.deepEqual(manifests[1]!.spec.selector, template.metadata.labels);
  });

  test('serves the mounted models on the port that is probed', () => {
    assert.ok(
      container.volumeMounts.some(({ mountPath, readOnly }) => mountPath === variables.SLIPWAY_MODELS && readOnly),
    );
    assert.equal(container.ports.find(({ name }) => name === 'http')?.containerPort, config.port);
    for (const { name } of container.volumeMounts) assert.ok(pod.volumes.some((volume) => volume.name === name));
  });

  test('asks for readiness often enough to notice it end before the server stops accepting', () => {
    const { httpGet, periodSeconds, failureThreshold } = container.readinessProbe;
    assert.equal(httpGet.path, '/v2/health/ready');
    assert.ok(1000 * periodSeconds * failureThreshold < config.drainDelayMs);
  });

  test('restarts only a process that does not answer at all', () => {
    assert.equal(container.livenessProbe.httpGet.path, '/v2/health/live');
    assert.equal(container.startupProbe.httpGet.path, '/v2/health/live');
  });

  test('waits for the server to finish what it took', () => {
    assert.ok(1000 * pod.terminationGracePeriodSeconds > config.drainDelayMs + config.drainTimeoutMs);
  });

  test('lets the server do no more than it must', () => {
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
    assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === '/tmp'));
  });

  test('gives whole cores, as many as are asked for', () => {
    const { requests, limits } = container.resources;
    assert.equal(requests.cpu, limits.cpu);
    assert.ok(Number.isInteger(Number(limits.cpu)));
    assert.ok(limits.memory);
  });
});
