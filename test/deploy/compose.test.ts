import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { configFrom, projectPath, projectText, readYaml } from './deployment-files.js';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, string | number>> } };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const { services, networks, volumes } = readYaml<Compose>('docker-compose.yml');

describe('docker-compose.yml', () => {
  test('has the server, a gateway, and what watches them', () => {
    assert.deepEqual(Object.keys(services).sort(), ['gateway', 'grafana', 'prometheus', 'slipway']);
  });

  for (const [name, service] of Object.entries(services)) {
    test(`lets ${name} do no more than it must`, () => {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
      assert.equal(service.restart, 'unless-stopped');
      for (const limit of ['cpus', 'memory', 'pids']) assert.ok(service.deploy?.resources?.limits?.[limit], limit);
    });

    test(`gives ${name} an image of an exact version, and files, volumes and networks that exist`, () => {
      assert.match(service.image ?? '', /:(v?\d+\.\d+\S*|local)$/);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        if (source!.startsWith('.')) {
          assert.ok(existsSync(projectPath(source!)), source);
          assert.match(volume, /:ro$/);
        } else assert.ok(source! in volumes, source);
      }
      for (const network of service.networks ?? []) assert.ok(network in networks, network);
      const needed = service.depends_on ?? [];
      for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) assert.ok(other in services, other);
    });
  }

  test('gives the server settings that exist, and time to finish what it took', () => {
    const { environment = {}, stop_grace_period } = services.slipway!;
    const { drainDelayMs, drainTimeoutMs } = configFrom(environment);
    const graceMs = 1000 * Number(/^(\d+)s$/.exec(stop_grace_period ?? '')?.[1]);
    assert.ok(graceMs > drainDelayMs + drainTimeoutMs);
  });

  test('publishes the gateway to others and what watches to this machine alone', () => {
    assert.equal(services.slipway!.ports, undefined);
    assert.equal(networks.serving!.internal, true);
    for (const name of ['prometheus', 'grafana'])
      for (const port of services[name]!.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
  });

  test('runs the gateway without root, on a port that needs none', () => {
    const { user, ports } = services.gateway!;
    assert.doesNotMatch(user ?? 'root', /^(root|0)\b/);
    const listen = /^listen (\d+)/m.exec(projectText('deploy/nginx/endpoints/listen.conf'))?.[1];
    assert.deepEqual(ports, [`8080:${listen}`]);
    assert.ok(Number(listen) >= 1024);
  });

  test('points the gateway at the server', () => {
    assert.match(projectText('deploy/nginx/endpoints/upstream.conf'), /^server slipway:8080 /m);
  });
});
