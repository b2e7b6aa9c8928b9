import {
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageShape,
  type Registry,
  toBinary,
} from '@bufbuild/protobuf';
import type { handleBidiStreamingCall, handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import type { Verdict } from '../../access/access.js';
import type { Principal, Scope } from '../../core/access.js';
import type { CallTracer } from '../../core/call-trace.js';
import type { Awaitable, InferenceService } from '../../core/inference-service.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { type FailureLog, knownFailure } from '../../inference/inference-method.js';
import type { RequestIds } from '../call-headers.js';
import { ArrivedCall } from './arrived-call.js';
import { grpcFailure, trailersOf } from './grpc-failure.js';
import type { LoadReportTrailers } from './load-report-trailers.js';
import type { OutgoingMessage } from './wire/parted-message.js';

/** What callers of a method need at least. `local`: to be programs on this machine. `open`: nothing. */
export type NeededScope = Scope | 'local' | 'open';

/** A method of a service, as grpc-js is told of it: messages are bytes, read and written by the method itself. */
export type GrpcMethod = { readonly path: string; readonly scope: NeededScope } & (
  | { readonly kind: 'unary'; readonly handle: handleUnaryCall<Buffer, OutgoingMessage> }
  | { readonly kind: 'serverStream'; readonly handle: handleServerStreamingCall<Buffer, OutgoingMessage> }
  | { readonly kind: 'bidi'; readonly handle: handleBidiStreamingCall<Buffer, OutgoingMessage> }
);

/** What a call is about to do. */
export interface CallPurpose {
  readonly scope: NeededScope;
  /** For messages: `unload`. */
  readonly action: string;
  /** The model it names. */
  readonly model?: string | undefined;
}

/** Whose call it is, or why it may not go on. */
export type AccessCheck = (call: ArrivedCall, purpose: CallPurpose) => Verdict | Promise<Verdict>;

/** What all services share. */
export interface GrpcContext {
  readonly service: InferenceService;
  readonly logger: FailureLog;
  readonly ids: RequestIds;
  /** Given where callers have to say who they are; asked once a call, before anything of its message is read. */
  readonly authenticate?: AccessCheck;
  /** Given where calls are traced. */
  readonly tracer: CallTracer | undefined;
  /** Asked once a call, when it is known what it is about. */
  readonly admit: AccessCheck;
  /** Of a call that is not made. */
  readonly check: AccessCheck;
  /** Given where inference calls may be told of the server's load. */
  readonly loadReport?: LoadReportTrailers | undefined;
}

export interface UnaryMethodOptions<In extends DescMessage, Out extends DescMessage> {
  readonly method: DescMethodUnary<In, Out>;
  readonly context: GrpcContext;
  readonly scope: NeededScope;
  /** What the call is about; it may ask for another scope than the method does. */
  readonly purpose: (request: MessageShape<In>) => Omit<CallPurpose, 'scope'> & Partial<CallPurpose>;
  /** Gives the response as protobuf's JSON has it; what the message has no field for is left out. */
  readonly respond: (request: MessageShape<In>, call: ArrivedCall, principal: Principal) => Awaitable<object>;
  /** Of messages that an `Any` of the response may hold. */
  readonly registry?: Registry;
  /** A failure in the words that the service's clients look for. */
  readonly words?: (error: ServingError) => ServingError;
}

/** The path under which a method is called. */
export const pathOf = ({ parent, name }: Pick<DescMethodUnary, 'parent' | 'name'>): string =>
  `/${parent.typeName}/${name}`;

/** A method that is called now and then, of one request and one response. */
export function unaryMethod<In extends DescMessage, Out extends DescMessage>({
  method,
  context,
  scope,
  purpose,
  respond,
  registry,
  words = (error) => error,
}: UnaryMethodOptions<In, Out>): GrpcMethod {
  const { ids, logger, admit } = context;
  const ask = async (body: Buffer, call: ArrivedCall): Promise<Buffer> => {
    const request = messageOf(method.input, body);
    const verdict = await admit(call, { scope, ...purpose(request) });
    if (verdict instanceof ServingError) throw verdict;
    const json = (await respond(request, call, verdict)) as JsonValue;
    const options = { ignoreUnknownFields: true, ...(registry && { registry }) };
    return Buffer.from(toBinary(method.output, fromJson(method.output, json, options)));
  };
  return {
    path: pathOf(method),
    scope,
    kind: 'unary',
    handle: (source, send) => {
      const call = new ArrivedCall(source, ids);
      const trailers = trailersOf(call.requestId);
      ask(source.request, call).then(
        (body) => send(null, body, trailers),
        (error: unknown) => send(grpcFailure(words(knownFailure(error, call.requestId, logger)), trailers)),
      );
    },
  };
}

/** Throws INVALID_ARGUMENT where the bytes are none. */
export function messageOf<Desc extends DescMessage>(desc: Desc, body: Buffer): MessageShape<Desc> {
  try {
    return fromBinary(desc, body);
  } catch (error) {
    throw invalidArgument(`not a valid ${desc.typeName}: ${(error as Error).message}`);
  }
}
