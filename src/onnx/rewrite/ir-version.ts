import type { GraphDraft } from './graph-draft.js';

/** What a file that tells none is read as: the last version in which initializers are constants. */
const assumed = 3;
/** The engine rejects later ones outright, although they add little: new element types, for the most part. */
const newestOfEngine = 13;

/** Gives the file an IR version that the engine accepts. */
export function adaptIrVersion(draft: GraphDraft): void {
  const { irVersion } = draft.file.outline;
  if (irVersion === 0) {
    draft.setIrVersion(assumed);
    draft.note(`the file does not tell its IR version; it is read as one of version ${assumed}`);
  } else if (irVersion > newestOfEngine) {
    draft.setIrVersion(newestOfEngine);
    draft.note(
      `the file is of IR version ${irVersion}, newer than the engine; it is read as one of version ${newestOfEngine}`,
    );
  }
}
