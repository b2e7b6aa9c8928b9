import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startCommand, stopCommand, untilAnswering, untilLogged } from './commands.js';
import { projectPath } from './deployment-files.js';

/** What Prometheus is to scrape: servers (`host:port`), and the labels that it puts on their series. */
export interface ScrapeTarget {
  readonly targets: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface QueryResponse {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** A Prometheus with the project's configuration, scraping faster. */
export class PrometheusServer {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  static async start(context: TestContext, targets: readonly ScrapeTarget[]): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    cpSync(projectPath('deploy/prometheus'), folder, { recursive: true });
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(/(_interval): 15s/g, '$1: 200ms'));
    // JSON is YAML.
    writeFileSync(join(folder, 'targets/local.yml'), JSON.stringify(targets));
    const logPath = join(folder, 'log');
    const child = startCommand(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        '--enable-feature=exemplar-storage',
      ],
      { logPath },
    );
    context.after(async () => {
      await stopCommand(child);
      rmSync(folder, { recursive: true });
    });
    const [address] = await untilLogged(/(?<=msg="Listening on" address=)\S+/, child, logPath);
    await untilAnswering(`http://${address}/-/ready`, child, logPath);
    return new PrometheusServer(`http://${address}`);
  }

  async query(expr: string): Promise<QueryResponse> {
    const response = await fetch(`${this.#url}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: expr }),
    });
    return (await response.json()) as QueryResponse;
  }

  /** Labels of the exemplars that the series have. */
  async exemplars(query: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const start = String(Date.now() / 1000 - 600);
    const end = String(Date.now() / 1000 + 60);
    const response = await fetch(`${this.#url}/api/v1/query_exemplars?${new URLSearchParams({ query, start, end })}`);
    const { data } = (await response.json()) as { data: { exemplars: { labels: Record<string, string> }[] }[] };
    return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels));
  }

  /** The one number that the expression is; undefined while it is none. */
  async numberOf(expr: string): Promise<number | undefined> {
    const { data } = await this.query(expr);
    return data.result.length === 1 ? Number(data.result[0]!.value[1]) : undefined;
  }
}
