/**
 * A call's place in a trace. Who traces makes it and looks inside; everybody else tells it how far the call has come. Moments
 * are of `performance.now()`.
 */
export interface CallTrace {
  /** 32 and 16 hexadecimal digits, as W3C's Trace Context has them. */
  readonly traceId: string;
  readonly spanId: string;
  /** Whether it is recorded. */
  readonly isSampled: boolean;
  /** What its caller is told: the value of `traceresponse`. */
  readonly traceresponse: string;
  /** Its message has come, and is about to be read. */
  preparing(nowMs: number): void;
  queued(nowMs: number): void;
  /** It left the queue, and not for a run. */
  dequeued(nowMs: number): void;
}

/** What is known of a call when it comes. */
export interface ArrivingCall {
  readonly transport: 'http' | 'grpc';
  /** Without query: `/v1/models/iris/predict`, `/inference.GRPCInferenceService/ModelInfer`. */
  readonly path: string;
  /** Or metadata; by their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly arrivedAt: number;
}

/** Begins the traces of calls. Where nothing is traced there is none. */
export interface CallTracer {
  begin(call: ArrivingCall): CallTrace;
}
