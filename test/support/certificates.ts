import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** For a test's options. */
export const needsOpenssl: { skip: string | false } = { skip: !hasOpenssl() && 'openssl is not installed here' };

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Paths of a certificate and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A folder of certificates for `localhost`, made as they are asked for. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'));

  /** An authority of its own. */
  authority(name: string): Certificate {
    const made = this.#paths(name);
    run(['req', '-x509', ...newKey, '-days', '2', '-subj', `/CN=${name}`, '-keyout', made.key, '-out', made.cert]);
    return made;
  }

  signedBy(authority: Certificate, name: string): Certificate {
    const made = this.#paths(name);
    const request = join(this.folder, `${name}.csr`);
    const extensions = join(this.folder, `${name}.ext`);
    writeFileSync(extensions, 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    run(['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', made.key, '-out', request]);
    const by = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
    run(['x509', '-req', '-in', request, ...by, '-days', '1', '-extfile', extensions, '-out', made.cert]);
    return made;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #paths(name: string): Certificate {
    return { cert: join(this.folder, `${name}.crt`), key: join(this.folder, `${name}.key`) };
  }
}

const run = (args: readonly string[]): void => void execFileSync('openssl', [...args], { stdio: 'ignore' });
