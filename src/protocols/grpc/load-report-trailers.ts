import type { Metadata } from '@grpc/grpc-js';
import {
  type LoadReport,
  type LoadReporter,
  type LoadReportPolicy,
  loadReportHeader,
  reportAskedBy,
} from '../call-headers.js';
import type { ArrivedCall } from './arrived-call.js';
import { MessageWriter } from './wire/message-writer.js';

/**
 * What inference calls are told of the server's load: in words to those that ask for words; else, where the operator
 * switched reports on, as the message that gRPC's own balancers and Envoy read.
 */
export class LoadReportTrailers {
  readonly #reporter: LoadReporter;
  readonly #policy: LoadReportPolicy;
  #written: { readonly of: LoadReport; readonly message: Buffer } | undefined;

  constructor(reporter: LoadReporter, policy: LoadReportPolicy) {
    this.#reporter = reporter;
    this.#policy = policy;
  }

  addTo(trailers: Metadata, { headers }: Pick<ArrivedCall, 'headers'>): void {
    const asked = headers[reportAskedBy]?.toLowerCase();
    if (this.#policy === 'off' || (this.#policy === 'on-request' && asked === undefined)) return;
    if (asked === 'text' || asked === 'json') trailers.set(loadReportHeader, this.#reporter.report(asked));
    else if (asked === 'bin' || asked === undefined) trailers.set(`${loadReportHeader}-bin`, this.#message());
  }

  /** Written once as long as the report is the same. */
  #message(): Buffer {
    const report = this.#reporter.measured();
    if (this.#written?.of !== report) this.#written = { of: report, message: written(report) };
    return this.#written.message;
  }
}

/** An `xds.data.orca.v3.OrcaLoadReport`. */
function written({ application_utilization, rps_fractional, eps, named_metrics }: LoadReport): Buffer {
  const message = new MessageWriter().double(6, rps_fractional).double(7, eps);
  for (const [name, value] of Object.entries(named_metrics))
    message.message(8, new MessageWriter().string(1, name).double(2, value));
  return message.double(9, application_utilization).finish();
}
