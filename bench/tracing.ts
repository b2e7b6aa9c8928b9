/**
 * CPU that tracing takes in the server, for each request: its spans made, put into protobuf and sent to a collector, which is
 * a process of its own. Requests are those of a lone caller (four spans), of callers that share runs of 8 (a span more for each run),
 * and of callers that record nothing.
 * Usage: node dist/bench/tracing.js
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after, setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CallTrace } from '../src/core/call-trace.js';
import { Tracing } from '../src/observability/tracing/tracing.js';

/** Of which the fastest counts: others had the caches of the processor. */
const rounds = 15;
const requestsOfRound = 4096;
/** Then what is there is sent: as many as a busy server has between two exports. */
const requestsOfTurn = 64;

interface Kind {
  readonly name: string;
  readonly flags: '00' | '01';
  /** Requests of one run. */
  readonly together: number;
  readonly mostMicroseconds: number;
}

const kinds: readonly Kind[] = [
  { name: 'recorded, alone', flags: '01', together: 1, mostMicroseconds: 30 },
  { name: 'recorded, 8 in a run', flags: '01', together: 8, mostMicroseconds: 30 },
  { name: 'not recorded', flags: '00', together: 1, mostMicroseconds: 7 },
];

if (process.argv[2] === 'collector') {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
} else await compare();

async function compare(): Promise<void> {
  const collector = fork(fileURLToPath(import.meta.url), ['collector']);
  const [port] = (await once(collector, 'message')) as [number];
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${port}`;
  process.env.OTEL_BSP_MAX_QUEUE_SIZE = '65536';
  console.log('| requests | CPU a request | at most |\n| --- | ---: | ---: |');
  for (const kind of kinds) {
    const tracing = new Tracing({ version: '0', readsCallers: true, scheme: 'http', warn: console.warn });
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await microsecondsOf(tracing, kind));
    await tracing.close();
    const { lost } = tracing.counts;
    const remark = lost > 0 ? ` (${lost} spans lost)` : '';
    console.log(`| ${kind.name} | ${Math.min(...times).toFixed(1)} µs${remark} | ${kind.mostMicroseconds} µs |`);
  }
  collector.disconnect();
}

/** CPU a request of one round, until its spans are sent. */
async function microsecondsOf(tracing: Tracing, { flags, together }: Kind): Promise<number> {
  const before = process.cpuUsage();
  const { exported } = tracing.counts;
  for (let request = 0; request < requestsOfRound; request += together) {
    await callsOf(tracing, flags, together);
    if (request % requestsOfTurn === 0) await turn();
  }
  const ofRuns = together > 1 ? requestsOfRound / together : 0;
  const spans = flags === '01' ? requestsOfRound * 4 + ofRuns : 0;
  while (tracing.counts.exported + tracing.counts.lost - exported < spans - 512) await after(1);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requestsOfRound;
}

/** The way of requests that run together, as the server tells of it. */
async function callsOf(tracing: Tracing, flags: string, together: number): Promise<void> {
  const id = { name: 'iris', version: 2 };
  const traces: CallTrace[] = [];
  const arrivedAt = performance.now();
  for (let count = 0; count < together; count++) {
    const trace = tracing.begin({
      transport: 'http',
      path: '/v1/models/iris/predict',
      headers: { traceparent: `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`, 'user-agent': 'bench' },
      arrivedAt,
    });
    trace.preparing(performance.now());
    trace.queued(performance.now());
    traces.push(trace);
  }
  const startedAtMs = performance.now();
  tracing.batchFinished({
    id,
    rows: together,
    requests: together,
    reason: 'full',
    queueMs: traces.map(() => 0.1),
    batchMs: 1,
    computeMs: 0.5,
    outcome: 'ok',
    traced: traces[0]?.isSampled ? { startedAtMs, requests: traces } : undefined,
  });
  for (const trace of traces) {
    String(trace.traceresponse);
    tracing.requestFinished({ id, protocol: 'v1', code: 'OK', status: 200, durationMs: 2, requestId: 'r', trace });
  }
}
