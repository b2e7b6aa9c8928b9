import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { settingKeys } from '../../src/config/settings.js';
import { projectPath, projectText, readYamlDocuments } from './deployment-files.js';
import { lintChart, needsHelm, renderChart, templateChart } from './helm.js';
import { manifestProblems } from './manifest-schemas.js';
import { configOf, type Manifest, ofKind } from './pods.js';

const plainManifest = 'deploy/kubernetes/slipway.yaml';

const valueFiles = readdirSync(projectPath('deploy/helm/slipway/ci')).map((name) =>
  projectPath(`deploy/helm/slipway/ci/${name}`),
);

interface ServiceMonitor {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly endpoints: readonly { readonly port: string; readonly scheme?: string }[];
}

interface NetworkPolicy {
  readonly ingress: readonly { readonly ports: readonly { readonly port: string }[] }[];
}

interface ScaledObject {
  readonly triggers: readonly { readonly metadata: { readonly query: string } }[];
}

const podOf = (manifests: readonly Manifest[]) => {
  const { template } = ofKind(manifests, 'Deployment').spec;
  const container = template.spec.containers[0]!;
  return { labels: template.metadata.labels, pod: template.spec, container };
};

/** What the server makes of its command, with the configuration file of the config map. */
function servedConfig(context: TestContext, manifests: readonly Manifest[]) {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const { data = {} } = ofKind(manifests, 'ConfigMap');
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
  return configOf(podOf(manifests).container, { '/etc/slipway': folder });
}

/** What holds for every server on Kubernetes, whatever its values. */
function keepsItsPromises(read: () => readonly Manifest[]): void {
  test('has the form that a cluster expects', () => {
    assert.deepEqual(
      read().flatMap((manifest) => manifestProblems(manifest)),
      [],
    );
  });

  test('selects its own pods', () => {
    const manifests = read();
    const { labels } = podOf(manifests);
    const services = manifests.filter(({ kind }) => kind === 'Service');
    const selectors = [
      ...services.map(({ spec }) => spec.selector),
      ...['Deployment', 'PodDisruptionBudget'].map((kind) => ofKind(manifests, kind).spec.selector.matchLabels),
    ];
    for (const chosen of selectors as Record<string, string>[]) {
      assert.ok(Object.keys(chosen).length >= 2);
      for (const [label, value] of Object.entries(chosen)) assert.equal(labels[label], value);
    }
  });

  test('serves the mounted models on the port that is probed', (context) => {
    const manifests = read();
    const { pod, container } = podOf(manifests);
    assert.ok(container.args.includes('--models=/mnt/models'));
    assert.ok(container.volumeMounts.some(({ mountPath, readOnly }) => mountPath === '/mnt/models' && readOnly));
    const config = servedConfig(context, manifests);
    const { port, grpcPort, managementPort } = config;
    const portOf = (wanted: string) => container.ports.find(({ name }) => name === wanted)?.containerPort;
    assert.deepEqual([portOf('http'), portOf('grpc'), portOf('management')], [port, grpcPort, managementPort]);
    for (const setting of ['keys', 'tlsCert', 'tlsKey', 'tlsClientCa'] as const) {
      const path = config[setting];
      assert.ok(path === undefined || container.volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)));
    }
    for (const { name } of [...container.volumeMounts, ...(pod.initContainers ?? []).flatMap((c) => c.volumeMounts)])
      assert.ok(pod.volumes.some((volume) => volume.name === name));
  });

  test('asks for readiness often enough to notice its end before the server stops accepting', (context) => {
    const manifests = read();
    const { httpGet, periodSeconds, failureThreshold } = podOf(manifests).container.readinessProbe;
    assert.equal(httpGet.path, '/v2/health/ready');
    assert.ok(1000 * periodSeconds * failureThreshold < servedConfig(context, manifests).drainDelayMs);
  });

  test('waits for the server to finish what it took', (context) => {
    const manifests = read();
    const { drainDelayMs, drainTimeoutMs } = servedConfig(context, manifests);
    assert.ok(1000 * podOf(manifests).pod.terminationGracePeriodSeconds > drainDelayMs + drainTimeoutMs);
  });

  test('restarts only a process that does not answer at all', () => {
    const { startupProbe, livenessProbe } = podOf(read()).container;
    for (const { httpGet } of [startupProbe, livenessProbe]) assert.equal(httpGet.path, '/v2/health/live');
  });

  test('is probed and scraped where it answers operators, and as it speaks', (context) => {
    const manifests = read();
    const { managementPort, tlsCert } = servedConfig(context, manifests);
    const [port, scheme] = [managementPort === undefined ? 'http' : 'management', tlsCert && 'HTTPS'];
    const { startupProbe, livenessProbe, readinessProbe } = podOf(manifests).container;
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe])
      assert.deepEqual([httpGet.port, httpGet.scheme], [port, scheme]);
    for (const { spec } of manifests.filter(({ kind }) => kind === 'ServiceMonitor')) {
      const { endpoints, selector } = spec as unknown as ServiceMonitor;
      assert.equal(endpoints[0]?.port, port);
      assert.equal(endpoints[0]?.scheme, scheme?.toLowerCase());
      const chosen = manifests.filter(
        ({ kind, metadata }) =>
          kind === 'Service' &&
          Object.entries(selector.matchLabels).every(([label, value]) => metadata.labels[label] === value),
      );
      const named = chosen.flatMap(({ spec }) => spec.ports?.map(({ name }) => name));
      assert.equal(named.filter((name) => name === port).length, 1, 'one service has the port that is scraped');
    }
  });

  test('lets the server do no more than it must', () => {
    const { pod, container } = podOf(read());
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
    assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === '/tmp'));
  });

  test('gives whole cores, as many as are asked for', () => {
    const { requests, limits } = podOf(read()).container.resources;
    assert.equal(requests.cpu, limits.cpu);
    assert.ok(Number.isInteger(Number(limits.cpu)));
    assert.ok(limits.memory);
  });
}

describe('the plain Kubernetes manifest', () => {
  keepsItsPromises(() => readYamlDocuments<Manifest>(plainManifest));

  test('is what the chart makes of its defaults', needsHelm, () => {
    const rendered = templateChart({}, 'slipway').output;
    assert.equal(projectText(plainManifest).replace(/^(#.*\n)+/, ''), rendered);
  });
});

for (const file of valueFiles) {
  describe(`the chart with ${file.split('/').at(-1)}`, needsHelm, () => {
    let rendered: readonly Manifest[] | undefined;
    keepsItsPromises(() => {
      rendered ??= renderChart<Manifest>({ files: [file] });
      return rendered;
    });

    test('passes helm lint', () => {
      const { status, output } = lintChart({ files: [file] });
      assert.equal(status, 0, output);
    });
  });
}

describe('the chart', needsHelm, () => {
  test('has the version of the server', () => {
    const { version } = JSON.parse(projectText('package.json')) as { version: string };
    assert.match(projectText('deploy/helm/slipway/Chart.yaml'), new RegExp(`^appVersion: "${version}"$`, 'm'));
  });

  test('leaves the number of pods to the autoscaler', () => {
    const replicas = (set: string[]) => ofKind(renderChart<Manifest>({ set }), 'Deployment').spec.replicas;
    assert.equal(replicas([]), 2);
    assert.equal(replicas(['autoscaling.enabled=true']), undefined);
  });

  test('restarts pods whose settings change', () => {
    const annotations = (set: string[]) =>
      JSON.stringify(ofKind(renderChart<Manifest>({ set }), 'Deployment').spec.template.metadata);
    assert.notEqual(annotations([]), annotations(['settings={"maxQueueRows":5}']));
    assert.equal(annotations([]), annotations(['podDisruptionBudget.maxUnavailable=2']));
  });

  test('hands settings on, and takes back none that a value is for', (context) => {
    const config = servedConfig(context, renderChart<Manifest>({ set: ['settings={"maxQueueRows":5}'] }));
    assert.equal(config.maxQueueRows, 5);
    for (const [setting, value] of Object.entries({
      port: 1,
      grpcPort: 1,
      host: '"::"',
      models: '"/"',
      drainDelayMs: 0,
    })) {
      assert.ok(settingKeys.includes(setting as never));
      const { status, output } = templateChart({ set: [`settings={"${setting}":${value}}`] });
      assert.notEqual(status, 0);
      assert.match(output, new RegExp(`invalid propertyName '${setting}'`));
    }
  });

  test('keeps the port for operators from callers', () => {
    const manifests = renderChart<Manifest>({ files: [projectPath('deploy/helm/slipway/ci/secured-values.yaml')] });
    const services = manifests.filter(({ kind }) => kind === 'Service');
    const reached = services.map(({ spec }) => [spec.type, spec.ports?.map(({ name }) => name)]);
    assert.deepEqual(reached, [
      ['LoadBalancer', ['http', 'grpc']],
      ['ClusterIP', ['management']],
    ]);
    const { ingress } = ofKind(manifests, 'NetworkPolicy').spec as unknown as NetworkPolicy;
    const ports = ingress.map((rule) => rule.ports.map(({ port }) => port));
    assert.deepEqual(ports, [['http', 'grpc'], ['management']]);
    const { triggers } = ofKind(manifests, 'ScaledObject').spec as unknown as ScaledObject;
    assert.match(triggers[0]?.metadata.query ?? '', new RegExp(`service="${services[1]?.metadata.name}"`));
  });

  for (const [wrong, where] of [
    ['replica=3', /'replica'/],
    ['image.repo="x"', /'repo'/],
    ['models.volume={"emptyDir":{},"hostPath":{"path":"/x"}}', /\/models\/volume/],
    ['autoscaling.kind="vpa"', /\/autoscaling\/kind/],
    ['autoscaling.targetSaturation=1.5', /\/autoscaling\/targetSaturation/],
    ['drain.delaySeconds="5s"', /\/drain\/delaySeconds/],
    ['networkPolicy.from={}', /\/networkPolicy\/from/],
    ['tls={"secret":"x","clientCa":true}', /\/management\/enabled/],
    ['tls={"clientCa":true}', /\/tls\/secret/],
    ['settings={"tlsCert":"x"}', /tlsCert/],
  ] as const) {
    test(`refuses ${wrong}, and says where`, () => {
      const { status, output } = templateChart({ set: [wrong] });
      assert.notEqual(status, 0);
      assert.match(output, where);
    });
  }
});
