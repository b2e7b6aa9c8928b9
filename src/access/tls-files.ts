import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { WatchedFiles } from './watched-files.js';

export interface TlsPaths {
  /** The certificate, and those between it and the root, as PEM. */
  readonly cert: string;
  readonly key: string;
  /** Given where callers need a certificate that one of these signed. */
  readonly clientCa?: string | undefined;
}

export interface TlsFilesOptions {
  readonly paths: TlsPaths;
  readonly onReloaded: (certificate: CertificateFacts) => void;
  readonly onProblem: (error: unknown) => void;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly validTo: string;
}

/** What a TLS server shows and asks for, as Node and gRPC take it; certificates and keys as PEM. */
export interface TlsMaterial extends Pick<SecureContextOptions, 'minVersion'> {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * Certificate and key from files, as they are now. Files that do not fit each other leave those before them in force:
 * whoever replaces them writes one after the other. Connections that are open stay so.
 */
export class TlsFiles {
  /** Whether callers have to show a certificate. */
  readonly asksForCertificates: boolean;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  readonly #files: WatchedFiles;
  #material: TlsMaterial | undefined;

  constructor({ paths: { cert, key, clientCa }, onReloaded, onProblem }: TlsFilesOptions) {
    this.asksForCertificates = clientCa !== undefined;
    this.#files = new WatchedFiles({
      paths: [cert, key, ...(clientCa === undefined ? [] : [clientCa])],
      onTexts: ([certText = '', keyText = '', ca]) => {
        const isFirst = this.#material === undefined;
        const material = {
          cert: certText,
          key: keyText,
          minVersion: 'TLSv1.2',
          ...(ca !== undefined && { ca }),
        } as const;
        createSecureContext(material);
        const { subject, validTo } = new X509Certificate(certText);
        this.#material = material;
        for (const listener of this.#listeners) listener(material);
        if (!isFirst) onReloaded({ subject, validTo });
      },
      onProblem,
    });
  }

  /** Rejects where the files cannot be used. */
  start(): Promise<void> {
    return this.#files.start();
  }

  stop(): void {
    this.#files.stop();
  }

  /** Once started. */
  get material(): TlsMaterial {
    if (this.#material === undefined) throw new Error('expected certificates to be read before they are asked for');
    return this.#material;
  }

  /** Hears of each material that takes the place of the one before. */
  onChange(listener: (material: TlsMaterial) => void): void {
    this.#listeners.add(listener);
  }
}
