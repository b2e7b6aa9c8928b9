import type { AccessKey } from '../core/access.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { Access } from './access.js';
import type { KeysFile } from './keys-file.js';
import type { Allowed } from './loopback-rule.js';
import type { TlsFiles } from './tls-files.js';

export interface AccessConfig {
  readonly modelControl: Allowed;
  readonly metricsAccess: Allowed;
  /** Path of the file of keys. */
  readonly keys?: string;
  /** Paths of certificate and key, and of those who sign callers' certificates. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  /** All of them, or none. */
  readonly jwtIssuer?: string;
  readonly jwtAudience?: string;
  /** Path or address. */
  readonly jwtKeys?: string;
  readonly jwtScopeClaim: string;
}

export interface AccessLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface ConfiguredAccessOptions {
  readonly config: AccessConfig;
  readonly parseKeys: (text: string) => readonly AccessKey[];
  /** Of every rate; the rest is for the other servers behind the same port. */
  readonly share: number;
  readonly logger: AccessLog;
  /** Told of calls that are denied. */
  readonly observer: ServingObserver;
}

export interface ConfiguredAccess {
  readonly access: Access;
  /** To be told of every answer. */
  readonly observer: ServingObserver;
  /** Given where connections are encrypted. */
  readonly tls?: TlsFiles | undefined;
  stop(): void;
}

/** Who may call what, and over what, by the settings. Nothing is loaded that they do not ask for. */
export async function configuredAccess(options: ConfiguredAccessOptions): Promise<ConfiguredAccess> {
  const { config, observer } = options;
  const tls = await startTls(options);
  const keys = config.keys === undefined ? undefined : await startKeys(config.keys, options);
  const tokens = await startTokens(options);
  const shared = { ...config, observer };
  const stop = (): void => {
    for (const started of [tls, keys, tokens]) started?.stop();
  };
  if (keys === undefined && tokens === undefined) return { access: new Access(shared), observer: {}, tls, stop };
  const { Authentication } = await import('./authentication.js');
  const authentication = new Authentication({ keys: keys?.keys, tokens: tokens?.verifier });
  return { access: new Access({ ...shared, authentication }), observer: authentication.observer, tls, stop };
}

/** Whether callers have to say who they are. */
export const asksForCredentials = ({ keys, jwtIssuer }: Pick<AccessConfig, 'keys' | 'jwtIssuer'>): boolean =>
  keys !== undefined || jwtIssuer !== undefined;

async function startTokens({ config, logger }: ConfiguredAccessOptions) {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtKeys: source, jwtScopeClaim: scopeClaim } = config;
  if (issuer === undefined || audience === undefined || source === undefined) return undefined;
  const { issuerKeys } = await import('./issuer-keys.js');
  const { JsonWebTokens } = await import('./json-web-tokens.js');
  const onProblem = (error: unknown): void =>
    logger.error({ reason: reasonOf(error) }, "the issuer's keys cannot be used; those before them stay in force");
  const { find, stop } = await issuerKeys({ source, onProblem }).catch((error: unknown) => {
    throw new Error(`jwtKeys: ${source}: ${reasonOf(error)}`, { cause: error });
  });
  return { verifier: new JsonWebTokens({ issuer, audience, scopeClaim, keys: find }), stop };
}

async function startTls({ config, logger }: ConfiguredAccessOptions): Promise<TlsFiles | undefined> {
  const { tlsCert: cert, tlsKey: key, tlsClientCa: clientCa } = config;
  if (cert === undefined || key === undefined) return undefined;
  const { TlsFiles } = await import('./tls-files.js');
  const files = new TlsFiles({
    paths: { cert, key, clientCa },
    onReloaded: (certificate) => logger.info(certificate, 'certificates were read again'),
    onProblem: (error) =>
      logger.error({ reason: reasonOf(error) }, 'the certificates cannot be used; those before them stay in force'),
  });
  try {
    await files.start();
  } catch (error) {
    throw new Error(`TLS: ${cert}, ${key}: ${reasonOf(error)}`, { cause: error });
  }
  return files;
}

async function startKeys(path: string, { parseKeys, share, logger }: ConfiguredAccessOptions): Promise<KeysFile> {
  const { KeysFile } = await import('./keys-file.js');
  const file = new KeysFile({
    path,
    parse: parseKeys,
    share,
    onReloaded: (keys) => logger.info({ keys }, 'the keys file was read again'),
    onProblem: (error) =>
      logger.error({ reason: reasonOf(error) }, 'the keys file cannot be used; the keys before it stay in force'),
  });
  try {
    await file.start();
  } catch (error) {
    throw new Error(`keys: ${path}: ${reasonOf(error)}`, { cause: error });
  }
  return file;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
