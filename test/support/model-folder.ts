import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A model repository of its own for one test file. Remove it in an `after` hook. */
export class ModelFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'slipway-test-models-'));

  /** Puts a copy of a file at `name` at once, as a careful operator does: written aside, then renamed. */
  put(source: string, name: string): void {
    const target = join(this.path, name);
    mkdirSync(dirname(target), { recursive: true });
    const aside = `${target}.tmp`;
    cpSync(source, aside);
    renameSync(aside, target);
  }

  write(content: string | Uint8Array, name: string): void {
    const target = join(this.path, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  delete(name: string): void {
    rmSync(join(this.path, name), { recursive: true });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
