import { parseArgs } from 'node:util';

export interface DoctorArguments {
  readonly path: string;
  readonly isJson: boolean;
  readonly isStrict: boolean;
  readonly timeoutMs: number;
}

const longestSeconds = 86_400;

/** The arguments, or what is wrong with them. */
export function parseDoctorArguments(argv: readonly string[]): DoctorArguments | { readonly problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { json: { type: 'boolean' }, strict: { type: 'boolean' }, timeout: { type: 'string', default: '120' } },
      allowPositionals: true,
    });
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
      return { problem: `expected one file or folder, got ${positionals.length}` };
    }
    const seconds = Number(values.timeout);
    if (!(seconds > 0 && seconds <= longestSeconds)) {
      return { problem: `--timeout: expected seconds up to ${longestSeconds}, got "${values.timeout}"` };
    }
    return { path, isJson: values.json === true, isStrict: values.strict === true, timeoutMs: seconds * 1000 };
  } catch (error) {
    if (error instanceof TypeError) return { problem: error.message };
    throw error;
  }
}
