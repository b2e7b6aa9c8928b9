/**
 * `slipway serve` where nobody listens to what happens: no request is logged, nothing is counted, the event loop's
 * delay is not measured. Slipway itself has no such setting; what logs and metrics cost is the difference.
 */
import { serve } from '../../src/commands/serve.js';
import { EventLoopDelay } from '../../src/observability/event-loop-delay.js';
import { RequestLog } from '../../src/observability/request-log.js';
import { ServingMetrics } from '../../src/observability/serving-metrics.js';

const nothing = (): void => undefined;

RequestLog.prototype.requestFinished = nothing;
ServingMetrics.prototype.requestFinished = nothing;
ServingMetrics.prototype.batchFinished = nothing;
EventLoopDelay.prototype.start = nothing;

process.exitCode = await serve(process.argv.slice(2));
