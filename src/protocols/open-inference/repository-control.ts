import type { InferenceService, LoadOptions } from '../../core/inference-service.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { shortText, shownValue } from '../../core/short-text.js';
import { own, type Parameters } from './parameters.js';

/** Where it is told what was done differently than asked. */
export interface WarningLog {
  warn(details: object, message: string): void;
}

export interface RepositoryControlOptions {
  readonly service: InferenceService;
  readonly logger: WarningLog;
  /** Whether model files may come with a request to load. */
  readonly takesFiles: boolean;
  /** The bytes of a file as the protocol's parameters carry them. Throws INVALID_ARGUMENT, its message opened by `subject`. */
  readonly readFile: (content: unknown, subject: string) => Uint8Array;
}

/** Loads and unloads models by the parameters of the protocol's requests, whatever carries them. */
export class RepositoryControl {
  readonly #options: RepositoryControlOptions;

  constructor(options: RepositoryControlOptions) {
    this.#options = options;
  }

  /** `config`, and `file:<path in the model's folder>`, which is rejected where files are not taken, rather than left out. */
  async load(name: string, parameters: Parameters): Promise<void> {
    const { service, takesFiles, readFile } = this.#options;
    const fileNames = Object.keys(parameters).filter(isFile);
    if (fileNames[0] !== undefined && !takesFiles) throw takesNoFiles(fileNames[0]);
    this.#warnOf(name, 'load', parameters, (parameter) => parameter === 'config' || isFile(parameter));
    const config = readConfig(parameters);
    const files = fileNames.map((file): [string, Uint8Array] => [
      file.slice(filePrefix.length),
      readFile(parameters[file], subjectOf(file)),
    ]);
    const wishes: LoadOptions = {
      ...(config === undefined ? {} : { config }),
      ...(files.length === 0 ? {} : { files: new Map(files) }),
    };
    await service.loadModel(name, wishes);
  }

  /** No model here depends on another, so that `unload_dependents` is true of every request. */
  async unload(name: string, parameters: Parameters): Promise<void> {
    this.#warnOf(name, 'unload', parameters, (parameter) => parameter === 'unload_dependents');
    await this.#options.service.unloadModel(name);
  }

  #warnOf(model: string, action: string, parameters: Parameters, isKnown: (parameter: string) => boolean): void {
    const unknown = Object.keys(parameters).filter((parameter) => !isKnown(parameter));
    if (unknown.length === 0) return;
    const passedOver = unknown.slice(0, mostNamed).map((parameter) => shortText(parameter));
    this.#options.logger.warn({ model, passedOver }, `${action}: parameters without a meaning here`);
  }
}

/** Names that the log has of one request. */
const mostNamed = 10;

const filePrefix = 'file:';

const isFile = (parameter: string): boolean => parameter.startsWith(filePrefix);

const subjectOf = (parameter: string): string => `parameters["${shortText(parameter)}"]`;

const takesNoFiles = (file: string): ServingError =>
  new ServingError(
    'UNIMPLEMENTED',
    `${subjectOf(file)}: this server takes no model files with a request; start it with --model-uploads (SLIPWAY_MODEL_UPLOADS=true), or put them into its models folder, then load`,
  );

function readConfig(parameters: Parameters): string | undefined {
  const config = own(parameters, 'config');
  if (config === undefined || typeof config === 'string') return config;
  throw invalidArgument(`parameters.config: expected the JSON text of a configuration, got ${shownValue(config)}`);
}
