import { useEffect, useState } from 'preact/hooks';
import { getCounts, getVersions } from '../api.js';
import type { ModelFacts } from '../model-facts.js';
import { type Sample, samplesOf, trafficOf } from '../traffic.js';
import type { VersionCounts, VersionStatus } from '../wire.js';
import { Chart } from './chart.js';
import { State } from './state.js';

const everyMs = 2000;
/** Five minutes. */
const mostSamples = 150;

/** For operators: versions, what they answer a second, how long it takes, how large batches are, what a run costs. */
export function Operations({ name, facts }: { readonly name: string; readonly facts: ModelFacts | undefined }) {
  const [versions, setVersions] = useState<readonly VersionStatus[]>([]);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [counts, setCounts] = useState<readonly VersionCounts[]>([]);

  useEffect(() => {
    const look = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        setVersions(await getVersions(name));
        const now = await getCounts(name);
        setCounts(now);
        setSamples((before) => [...before, samplesOf(now, performance.now())].slice(-mostSamples));
      } catch {
        // The list says what is the matter.
      }
    };
    void look();
    const timer = setInterval(() => void look(), everyMs);
    return () => clearInterval(timer);
  }, [name]);

  const traffic = trafficOf(samples);
  const latest = traffic.at(-1);
  const sizes = counts.flatMap(({ batch_stats }) => batch_stats);
  return (
    <section aria-labelledby="operations">
      <h2 id="operations">In operation</h2>
      <div class="tiles">
        <Chart
          title="Requests a second"
          points={traffic.map(({ requests }) => requests)}
          value={latest ? latest.requests.toFixed(1) : '–'}
        />
        <Chart
          title="Mean latency"
          points={traffic.map(({ ms }) => ms)}
          value={latest?.requests ? `${latest.ms.toFixed(2)} ms` : '–'}
        />
        <Chart
          title="Rows a batch"
          points={sizes.toSorted((a, b) => a.batch_size - b.batch_size).map(({ compute_infer }) => compute_infer.count)}
          value={meanSize(counts)}
          isBars
        />
        {facts && facts.costs.length > 1 && (
          <Chart
            title={`A run by ${facts.costUnit}`}
            points={facts.costs.map(({ ms }) => ms)}
            value={`${facts.costs[0]?.ms.toPrecision(2)} to ${facts.costs.at(-1)?.ms.toPrecision(2)} ms`}
            isBars
          />
        )}
      </div>
      <section class="scroll" tabindex={0} aria-label="Versions">
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col">Answered</th>
              <th scope="col">Labels</th>
            </tr>
          </thead>
          <tbody>
            {versions.map(({ version, state, labels, status }) => (
              <tr key={version}>
                <th scope="row">{version}</th>
                <td>
                  <State state={state} />
                  {status.error_message && <div class="quiet">{status.error_message}</div>}
                </td>
                <td class="number">{answered(counts, version)}</td>
                <td>{labels?.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {facts && (
        <p class="quiet">
          {facts.instances === 1 ? 'One instance' : `${facts.instances} instances`}; {facts.batching}.
        </p>
      )}
    </section>
  );
}

const answered = (counts: readonly VersionCounts[], wanted: string): string =>
  (counts.find(({ version }) => version === wanted)?.inference_stats.success?.count ?? 0).toLocaleString();

function meanSize(counts: readonly VersionCounts[]): string {
  const rows = counts.reduce((sum, { inference_count }) => sum + inference_count, 0);
  const runs = counts.reduce((sum, { execution_count }) => sum + execution_count, 0);
  return runs === 0 ? '–' : (rows / runs).toFixed(1);
}
