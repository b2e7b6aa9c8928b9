import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** The connections to a collector. Once closed, whatever is on its way has failed, and so has whatever is sent. */
export class CollectorConnections {
  readonly #agents: (HttpAgent | HttpsAgent)[] = [];
  #isClosed = false;

  /** As the exporter asks for it. */
  readonly agentFor = (protocol: string): HttpAgent | HttpsAgent => {
    const agent = protocol === 'http:' ? new HttpAgent(kept) : new HttpsAgent({ ...kept, ...certificates() });
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...options) => {
      // Without a code that the exporter would try again after.
      if (this.#isClosed) throw new Error('the server has stopped');
      return connect(...options);
    };
    this.#agents.push(agent);
    return agent;
  };

  close(): void {
    this.#isClosed = true;
    for (const agent of this.#agents) agent.destroy();
  }
}

const kept = { keepAlive: true };

/** As OpenTelemetry's variables name them; a file that cannot be read is an error at the first export. */
const certificates = () => ({
  ca: fileOf('CERTIFICATE'),
  cert: fileOf('CLIENT_CERTIFICATE'),
  key: fileOf('CLIENT_KEY'),
});

function fileOf(name: string): Buffer | undefined {
  const path = process.env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || process.env[`OTEL_EXPORTER_OTLP_${name}`];
  return path ? readFileSync(path) : undefined;
}
