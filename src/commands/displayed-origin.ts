/** What a person on this machine types; the address of all interfaces is no address to call. */
export function displayedOrigin(address: string): string {
  const { port, hostname } = new URL(address);
  return ['0.0.0.0', '[::]', '127.0.0.1', '[::1]'].includes(hostname) ? `http://localhost:${port}` : address;
}
