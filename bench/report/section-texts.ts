import { quantile } from '../../test/support/statistics.js';
import type { ConnectionResults } from '../sections/connections.js';
import type { OverloadResults } from '../sections/overload.js';
import type { WorkersResults } from '../sections/workers.js';
import { figure, megabytes, table, times } from './markdown.js';
import { cpuUs, medianOf, ratio, requestsPerSecond } from './statistics.js';

export const overloadSection = ({ tokens, maxQueueRows, capacityPerSecond }: OverloadResults): string => `## Overload

![Goodput under overload](benchmarks/overload.svg)

Arrivals at random that do not wait for responses. The text encoder gets ${tokens} tokens a request and can compute ${figure(capacityPerSecond)} requests/s.
Its queue holds ${maxQueueRows} rows, so an admitted request waits about ${figure((1000 * maxQueueRows) / capacityPerSecond)} ms at most.`;

export function connectionsSection({ busy, newcomers }: ConnectionResults): string {
  const most = Math.max(...newcomers.map(({ connections }) => connections));
  const waits = newcomers.find(({ connections }) => connections === most)?.waitsMs ?? [];
  const own = busy.find(({ contender, connections }) => contender === 'Slipway' && connections === most);
  const p99 = own === undefined ? Number.NaN : medianOf(own, (sample) => sample.p99Ms);
  return `## Connections

![Requests/s by connections](benchmarks/connections.svg)

MLP over JSON, every connection busy. The floor is a Fastify route that does nothing, "sockets alone" a \`node:net\` server that writes the same
response to whatever comes. With ${most} connections 99 % of requests take less than ${figure(p99)} ms, of health checks on new connections ${figure(quantile(waits, 0.99))} ms.`;
}

export function workersSection({ serverCores, generators, series }: WorkersResults): string {
  const rows = series.map((one) => {
    const alone = series.find(({ contender, connections }) => contender === '1' && connections === one.connections);
    return [
      one.contender,
      one.connections,
      figure(medianOf(one, requestsPerSecond)),
      alone === undefined ? '–' : times(ratio(one, alone, requestsPerSecond)),
      figure(medianOf(one, (sample) => sample.p50Ms)),
      figure(medianOf(one, (sample) => sample.p99Ms)),
      figure(medianOf(one, cpuUs)),
      megabytes(medianOf(one, (sample) => sample.workerBytes + sample.engineBytes)),
    ];
  });
  const head = ['workers', 'connections', 'requests/s', 'of one', 'p50 ms', 'p99 ms', 'CPU µs', 'MiB, all processes'];
  return `## Several worker processes

MLP over JSON, \`--workers\` as the first column says, the server on ${serverCores} cores, ${generators} load generator${generators === 1 ? '' : 's'} beside it. CPU time
and memory are those of all the server's processes.

${table(head, rows)}`;
}
