import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isModelFile } from '../core/model.js';

/** Why the folder cannot be a model repository, or the file no model, and what to do about it; undefined when it can. */
export function modelsFolderProblem(folder: string): string | undefined {
  try {
    const isFolder = statSync(folder).isDirectory();
    if (!isFolder && !isModelFile(folder)) {
      return `${folder} is a file; expected the folder that the model files are in, or a file NAME.onnx`;
    }
    accessSync(folder, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isModelFile(folder)) {
      return `there is no file ${folder}; name a model file, or a folder with models`;
    }
    if (code === 'ENOENT')
      return `the folder ${folder} does not exist; create it or name another, --models DIR${example()}`;
    if (code === 'EACCES')
      return `the folder ${folder} is closed to user ${process.getuid?.() ?? ''}; expected permission to read and enter it`;
    return `the folder ${folder} cannot be read: ${message}`;
  }
}

/** The package's own models are only pointed to: served unasked, they would hide a mistyped folder. */
function example(): string {
  const shipped = fileURLToPath(new URL('../../../models', import.meta.url));
  return existsSync(shipped) ? ` (to try the ones that come with Slipway: --models ${shipped})` : '';
}
