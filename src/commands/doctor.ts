import { rm } from 'node:fs/promises';
import { availableCores } from '../config/available-resources.js';
import { engineVersion, packageVersion } from '../package-version.js';
import { type DoctorArguments, parseDoctorArguments } from './doctor/doctor-arguments.js';
import { examineModel } from './doctor/examine-model.js';
import { findTargets, type Targets } from './doctor/find-targets.js';
import { formatGeneral, formatModel, formatSummary } from './doctor/format-report.js';
import { countFindings, isHealthy, type ModelReport } from './doctor/report.js';
import { reportJson } from './doctor/report-json.js';
import { textStyleOf } from './doctor/text-style.js';
import { temporaryFolder } from './temporary-folder.js';
import { untilStopped } from './until-stopped.js';

export const doctorHelp = (): string => `Usage: slipway doctor FILE|DIR [--json] [--strict] [--timeout SECONDS]

Looks a model file, or every model that a server of the folder would serve, over before it is deployed: what cannot be
served and why, what is rewritten, how requests share runs, what runs cost here. Each model is loaded and run in an
engine process of its own, which is ended afterwards.

  --json             print one JSON document, described in docs/doctor.md, instead of text
  --strict           let warnings count as errors
  --timeout SECONDS  give each model this long to load and to be tried out (default 120)

Exits with 0 when nothing is wrong (warnings allowed), with 1 when there are errors, with 2 when it cannot look.`;

/** Resolves with the exit code. */
export async function doctor(argv: readonly string[]): Promise<number> {
  const parsed = parseDoctorArguments(argv);
  if ('problem' in parsed) return fail(`${parsed.problem}\n\n${doctorHelp()}`);
  const targets = await findTargets(parsed.path).catch((error: NodeJS.ErrnoException) => error);
  if (targets instanceof Error) {
    if (targets.code === undefined) throw targets;
    return fail(`slipway doctor: ${parsed.path} cannot be read: ${targets.code}`);
  }
  return untilStopped((signal) => examineAll(targets, parsed, signal));
}

function fail(text: string): number {
  process.stderr.write(`${text}\n`);
  return 2;
}

async function examineAll(targets: Targets, args: DoctorArguments, signal: AbortSignal): Promise<number> {
  const { isJson, isStrict, timeoutMs } = args;
  const style = textStyleOf(process.stdout, process.env);
  const tell = (text: string): void => void (isJson || process.stdout.write(text));
  const cacheDirectory = await temporaryFolder('slipway-doctor-');
  try {
    tell(formatGeneral(targets.findings, args.path, style));
    const models: ModelReport[] = [];
    // One after another: each is measured on a machine of its own.
    for (const model of targets.models) {
      const options = { cacheDirectory, cores: availableCores(), timeoutMs, signal };
      const report = 'config' in model ? await examineModel(model, options) : model;
      models.push(report);
      tell(formatModel(report, style));
    }
    const report = { findings: targets.findings, models };
    const versions = { slipway: packageVersion(), onnxruntime: engineVersion() };
    if (isJson) process.stdout.write(`${JSON.stringify(reportJson(report, { isStrict, versions }), null, 2)}\n`);
    else tell(formatSummary(report, style));
    return isHealthy(countFindings(report), isStrict) ? 0 : 1;
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}
