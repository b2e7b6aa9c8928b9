import { projectText, readYaml } from './deployment-files.js';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string }[];
  }[];
}

export const rules = readYaml<Rules>('deploy/prometheus/rules/slipway.yml').groups.flatMap((group) => group.rules);

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

export const dashboard = JSON.parse(projectText('deploy/grafana/dashboards/slipway.json')) as Dashboard;

export interface Query {
  readonly panel: string;
  /** As Grafana sends it once every variable has its value "All". */
  readonly expr: string;
}

export const dashboardQueries = (rateInterval: string): Query[] =>
  dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expr: expr
        .replaceAll('$__rate_interval', rateInterval)
        .replaceAll('"$instance"', '".*"')
        .replaceAll('"$model"', '".*"'),
    })),
  );

/** The metrics an expression asks for, as the server names them: a histogram's buckets, sum and count are the histogram. */
export const metricsIn = (expr: string): string[] =>
  Array.from(expr.matchAll(/(?<![\w:])(?:slipway|process|nodejs)_\w+/g), ([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
