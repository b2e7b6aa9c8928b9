/**
 * Whether Kubernetes (or Docker's old links) made the variable: for a Service named `slipway` every pod of the
 * namespace gets `SLIPWAY_PORT=tcp://10.0.0.1:80`, `SLIPWAY_SERVICE_HOST`, `SLIPWAY_PORT_80_TCP_ADDR` and so on,
 * which nobody meant as settings.
 */
export const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) ||
  /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));
