import type { DescFile, DescService, MessageInitShape } from '@bufbuild/protobuf';
import { create, createRegistry, type Registry, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { ServingError } from '../../../core/serving-error.js';
import { shownValue } from '../../../core/short-text.js';
import { ArrivedCall } from '../arrived-call.js';
import { grpcFailure, trailersOf } from '../grpc-failure.js';
import { type GrpcContext, type GrpcMethod, messageOf, pathOf } from '../grpc-method.js';
import type { OpenStreams } from '../grpc-server.js';
import { grpcStatus } from '../grpc-status.js';
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  ServerReflection as V1,
} from '../schema/reflection_v1_pb.js';
import { ServerReflection as V1Alpha } from '../schema/reflection_v1alpha_pb.js';

/** The services that this file brings. */
export const reflectionServices: readonly DescService[] = [V1, V1Alpha];

type MessageResponse = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

/** `grpc.reflection`, both versions, whose messages are the same: which services there are, and of what they are made. */
export function reflectionMethods(
  services: readonly DescService[],
  context: GrpcContext,
): { methods: readonly GrpcMethod[]; streams: OpenStreams } {
  const { ids, admit } = context;
  const files = new Files(services);
  const open = new Set<ServerDuplexStream<Buffer, Buffer>>();
  const handle = async (stream: ServerDuplexStream<Buffer, Buffer>): Promise<void> => {
    const call = new ArrivedCall(stream, ids);
    const fail = (error: ServingError) => stream.emit('error', grpcFailure(error, trailersOf(call.requestId)));
    open.add(stream);
    stream.once('cancelled', () => open.delete(stream));
    const verdict = await admit(call, { scope: 'read', action: 'reflection' });
    if (verdict instanceof ServingError) {
      fail(verdict);
      return;
    }
    stream.on('data', (body: Buffer) => {
      try {
        stream.write(files.respond(messageOf(ServerReflectionRequestSchema, body)));
      } catch (error) {
        fail(error as ServingError);
      }
    });
    stream.on('end', () => stream.end());
  };
  const streams = {
    drain: () => undefined,
    close: () => {
      for (const stream of open) stream.end();
    },
  };
  const methods = [V1, V1Alpha].map(
    ({ method }): GrpcMethod => ({
      path: pathOf(method.serverReflectionInfo),
      scope: 'read',
      kind: 'bidi',
      handle: (stream) => void handle(stream),
    }),
  );
  return { methods, streams };
}

class Files {
  readonly #services: readonly DescService[];
  readonly #files: ReadonlyMap<string, DescFile>;
  readonly #symbols: Registry;

  constructor(services: readonly DescService[]) {
    this.#services = services;
    const files = new Map<string, DescFile>();
    const add = (file: DescFile): void => {
      files.set(file.proto.name, file);
      file.dependencies.forEach(add);
    };
    for (const { file } of services) add(file);
    this.#files = files;
    this.#symbols = createRegistry(...files.values());
  }

  respond(request: ServerReflectionRequest): Buffer {
    const response = { validHost: request.host, originalRequest: request, messageResponse: this.#find(request) };
    return Buffer.from(toBinary(ServerReflectionResponseSchema, create(ServerReflectionResponseSchema, response)));
  }

  #find({ messageRequest }: ServerReflectionRequest): MessageResponse {
    switch (messageRequest.case) {
      case 'listServices':
        return {
          case: 'listServicesResponse',
          value: { service: this.#services.map(({ typeName: name }) => ({ name })) },
        };
      case 'fileByFilename':
        return fileResponse(this.#files.get(messageRequest.value), `file ${shownValue(messageRequest.value)}`);
      case 'fileContainingSymbol':
        return fileResponse(this.#fileOf(messageRequest.value), `symbol ${shownValue(messageRequest.value)}`);
      case 'allExtensionNumbersOfType':
        return this.#symbols.getMessage(messageRequest.value) === undefined
          ? notFound(`message ${shownValue(messageRequest.value)}`)
          : { case: 'allExtensionNumbersResponse', value: { baseTypeName: messageRequest.value } };
      case 'fileContainingExtension':
        return notFound(`extension of ${shownValue(messageRequest.value.containingType)}`);
      default:
        return failure(grpcStatus.INVALID_ARGUMENT, 'message_request: expected one of its fields, got none');
    }
  }

  /** Of a service, message or enum, or of a method, field or value in it. */
  #fileOf(symbol: string): DescFile | undefined {
    const own = this.#symbols.get(symbol);
    if (own !== undefined) return own.file;
    const dot = symbol.lastIndexOf('.');
    const parent = this.#symbols.get(symbol.slice(0, Math.max(dot, 0)));
    const name = symbol.slice(dot + 1);
    return parent !== undefined && memberNames(parent).includes(name) ? parent.file : undefined;
  }
}

function memberNames(parent: NonNullable<ReturnType<Registry['get']>>): readonly string[] {
  switch (parent.kind) {
    case 'service':
      return parent.methods.map(({ name }) => name);
    case 'message':
      return [...parent.fields, ...parent.oneofs].map(({ name }) => name);
    case 'enum':
      return parent.values.map(({ name }) => name);
    default:
      return [];
  }
}

/** The file, and all that it needs: clients ask for nothing more then. */
function fileResponse(file: DescFile | undefined, what: string): MessageResponse {
  if (file === undefined) return notFound(what);
  const needed = new Set<DescFile>();
  const add = (one: DescFile): void => {
    if (needed.has(one)) return;
    needed.add(one);
    one.dependencies.forEach(add);
  };
  add(file);
  const fileDescriptorProto = [...needed].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

const notFound = (what: string): MessageResponse => failure(grpcStatus.NOT_FOUND, `no ${what} is known here`);

const failure = (errorCode: number, errorMessage: string): MessageResponse => ({
  case: 'errorResponse',
  value: { errorCode, errorMessage },
});
