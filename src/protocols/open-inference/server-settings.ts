import { ServingError } from '../../core/serving-error.js';

/** Triton's settings of a server that traces nothing. */
export const traceSettings = {
  trace_file: '',
  trace_level: ['OFF'],
  trace_rate: '1000',
  trace_count: '-1',
  log_frequency: '0',
  trace_mode: 'triton',
};

/** What Triton's settings have no word for is told by this server's own. */
export const logSettings = {
  log_file: '',
  log_info: true,
  log_warning: true,
  log_error: true,
  log_verbose_level: 0,
  log_format: 'default',
};

/** What is said to whoever would change them; `what` names them. */
export const fixedSettings = (what: string): ServingError =>
  new ServingError(
    'UNIMPLEMENTED',
    `${what.toLowerCase()} are not changed through the API; the log's level is set at the start with --log-level (SLIPWAY_LOG_LEVEL)`,
  );
