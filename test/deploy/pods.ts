import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { projectRoot } from '../../tools/project-root.js';
import { projectPath } from './deployment-files.js';

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Named {
  readonly name: string;
}

export interface Container extends Named {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly (Named & { readonly mountPath: string; readonly readOnly?: boolean })[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Named & { readonly labels: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly type?: string;
    readonly ports?: readonly Named[];
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly serviceAccountName: string;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly initContainers?: readonly Container[];
        readonly containers: readonly Container[];
        readonly volumes: readonly (Named & Readonly<Record<string, object>>)[];
      };
    };
  };
}

export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  if (found.length !== 1) throw new Error(`expected one ${kind}, got ${found.length}`);
  return found[0] as Manifest;
};

/** The variables that the image sets. */
const imageVariables = Object.fromEntries(
  [...readFileSync(join(projectRoot(), 'Dockerfile'), 'utf8').matchAll(/^(?:ENV| {2})\s*(\w+)=(\S+)/gm)].map(
    ([, name, value]) => [name, value],
  ),
);

/** What the server makes of the container's command and variables, with files at `paths` in place of the cluster's. */
export function configOf(container: Container, paths: Readonly<Record<string, string>> = {}): Config {
  const [command, ...flags] = container.args;
  if (command !== 'serve') throw new Error(`expected serve, got ${command}`);
  const given = Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
  const replaced = { '/mnt/models': projectPath('models'), ...paths };
  return loadConfig({
    env: { ...imageVariables, ...given },
    argv: flags.map((flag) => Object.entries(replaced).reduce((text, [from, to]) => text.replace(from, to), flag)),
    cwd: projectRoot(),
  });
}
