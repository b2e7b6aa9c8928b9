import type { Access } from '../access/access.js';
import type { TlsFiles } from '../access/tls-files.js';
import type { NonFinite } from '../codecs/json-writer.js';
import type { InferenceService } from '../core/inference-service.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { CodecThreads } from '../inference/codec-threads/codec-threads.js';
import { HeldResponses } from '../inference/held-responses.js';
import type { FailureLog, InferenceTools } from '../inference/inference-method.js';
import type { CodecDefaults } from './codec-defaults.js';

export interface InferenceConfig {
  readonly nonFinite: NonFinite;
  readonly bodyLimitBytes: number;
  /** Absent where there is no gRPC. */
  readonly grpcPort?: number;
  /** For requests that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
  /** One answer. */
  readonly responseLimitBytes: number;
  /** All large answers together, until callers have taken them. */
  readonly maxResponseBytes: number;
  /** Memory that bodies may hold while they wait to be read. */
  readonly maxQueueBytes: number;
}

export interface SharedToolsOptions {
  readonly service: InferenceService;
  /** Who may call what. */
  readonly access: Access;
  readonly tls?: TlsFiles | undefined;
  readonly observer: ServingObserver;
  readonly logger: FailureLog;
  readonly config: InferenceConfig;
  /** Where registered shared memory regions are kept; absent where it is not allowed. See SharedRegions. */
  readonly regionsFolder?: string | undefined;
  /** From so many bytes on bodies are read, and answers written, in other threads. */
  readonly threadsFromBytes?: number;
}

/** What all protocols of a server build on. Whoever made it closes its threads. */
export interface SharedTools {
  readonly tools: InferenceTools;
  readonly codecs: CodecDefaults;
  readonly access: Access;
  /** Given where connections are encrypted. */
  readonly tls?: TlsFiles | undefined;
}

/** What takes a few milliseconds: as long as other requests may wait for one. */
const usualThreadsFromBytes = 2 ** 19;

export function sharedTools(options: SharedToolsOptions): SharedTools {
  const { service, access, tls, observer, logger, config, regionsFolder: folder } = options;
  const { threadsFromBytes = usualThreadsFromBytes } = options;
  const { nonFinite, bodyLimitBytes, requestTimeoutMs, responseLimitBytes, maxResponseBytes, maxQueueBytes } = config;
  const codecs: CodecDefaults = {
    nonFinite,
    largestResponseBytes: responseLimitBytes,
    grpc: config.grpcPort !== undefined,
    ...(folder !== undefined && { sharedMemory: { folder, mostBytes: bodyLimitBytes } }),
  };
  const threads = new CodecThreads({
    fromBytes: threadsFromBytes,
    maxWaitingBytes: maxQueueBytes,
    program: new URL('./codec-thread.js', import.meta.url),
    data: codecs,
  });
  const responses = new HeldResponses({ largestBytes: responseLimitBytes, mostBytes: maxResponseBytes });
  return { tools: { service, observer, logger, threads, responses, requestTimeoutMs }, codecs, access, tls };
}
