import type { ModelStatus } from '../core/inference-service.js';

/** What a server says once everything it found has loaded or failed. */
export function servedLine(models: readonly ModelStatus[]): string {
  const serving = models.flatMap(({ name, versions }) => {
    const available = versions.filter(({ state }) => state === 'AVAILABLE').map((status) => status.version);
    return available.length === 0 ? [] : [`${name} (${available.join(', ')})`];
  });
  const broken = models.filter(
    ({ versions, problem }) => problem !== undefined || versions.some(({ reason }) => reason),
  );
  const failures = broken.length === 0 ? '' : `; not everything loads: ${broken.map(({ name }) => name).join(', ')}`;
  return serving.length === 0 ? `no model is served${failures}` : `serving ${serving.join(', ')}${failures}`;
}

/** What a person on this machine types; the address of all interfaces is no address to call. */
export function displayedOrigin(address: string): string {
  const { port, hostname, protocol } = new URL(address);
  return ['0.0.0.0', '[::]', '127.0.0.1', '[::1]'].includes(hostname) ? `${protocol}//localhost:${port}` : address;
}
