import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type CallOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';

const identity = (bytes: Buffer): Buffer => bytes;

export interface GrpcReply<Message> {
  /** Absent where the call failed. */
  readonly message?: Message;
  /** The status's name. */
  readonly code: string;
  readonly details: string;
  readonly trailers: Metadata;
}

export interface AskOptions extends CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** A grpc-js client of any service. */
export class GrpcClient {
  readonly client: Client;

  constructor(address: string, options: object = {}, shown = credentials.createInsecure()) {
    this.client = new Client(address, shown, {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      // Clients of one test would share connections.
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    });
  }

  async ask<In extends DescMessage, Out extends DescMessage>(
    method: DescMethodUnary<In, Out>,
    request: MessageInitShape<In>,
    options: AskOptions = {},
  ): Promise<GrpcReply<MessageShape<Out>>> {
    const body = Buffer.from(toBinary(method.input, create(method.input, request)));
    const { message, ...reply } = await this.askBytes(pathOf(method), body, options);
    return message === undefined ? reply : { ...reply, message: fromBinary(method.output, message) };
  }

  askBytes(path: string, body: Buffer, { headers = {}, ...options }: AskOptions = {}): Promise<GrpcReply<Buffer>> {
    const metadata = metadataOf(headers);
    return new Promise((resolve) => {
      let message: Buffer | undefined;
      const call = this.client.makeUnaryRequest<Buffer, Buffer>(
        path,
        identity,
        identity,
        body,
        metadata,
        options,
        (_error: ServiceError | null, answer?: Buffer) => {
          message = answer;
        },
      );
      call.on('status', ({ code, details, metadata: trailers }: StatusObject) =>
        // The answer is told in the same turn, after the status or before.
        setImmediate(() => resolve({ ...(message && { message }), code: status[code], details, trailers })),
      );
    });
  }

  /** A stream of requests and answers. */
  stream(path: string, { headers = {}, ...options }: AskOptions = {}) {
    return this.client.makeBidiStreamRequest<Buffer, Buffer>(path, identity, identity, metadataOf(headers), options);
  }

  watch(path: string, body: Buffer) {
    return this.client.makeServerStreamRequest<Buffer, Buffer>(path, identity, identity, body);
  }

  close(): void {
    this.client.close();
  }
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

/** The status that a stream ends with. */
export function statusOf(stream: NodeJS.EventEmitter): Promise<{ code: string; details: string }> {
  // Told, too, as an error where it is one.
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    stream.once('status', ({ code, details }: StatusObject) => resolve({ code: status[code], details }));
  });
}
