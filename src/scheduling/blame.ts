import type { EngineFailure } from '../core/inference-engine.js';
import { ServingError } from '../core/serving-error.js';
import type { Piece } from './active-request.js';

/** A piece that was there more often when an engine process ended, the last time alone, is not tried again. */
const crashesAllowed = 1;
/** By kills the piece is suspected later. */
const killsAllowed = 3;

/**
 * What becomes of a piece whose engine process ended: an error to answer it with, or undefined when it is to be
 * run again (alone). Only a piece that was being computed by itself can be blamed; what ended with it before, in
 * company, is held against it then.
 */
export function verdict(piece: Piece, failure: EngineFailure, ranAlone: boolean): ServingError | undefined {
  if (failure.kind === 'CLOSED')
    return new ServingError('UNAVAILABLE', 'the model is being unloaded', { cause: failure });
  if (!failure.wasRunning) return undefined;
  if (failure.wasKilled) {
    if (ranAlone) piece.kills++;
    return piece.kills > killsAllowed ? sentenceOn(failure) : undefined;
  }
  piece.crashes++;
  if (!ranAlone) return undefined;
  piece.isSuspect = true;
  if (piece.crashes <= crashesAllowed) return undefined;
  return sentenceOn(failure);
}

const sentenceOn = (failure: EngineFailure): ServingError =>
  failure.kind === 'RUN_TIMEOUT' || failure.kind === 'STALLED' ? endless(failure) : poisoned(failure);

const poisoned = (cause: EngineFailure): ServingError =>
  new ServingError(
    'INTERNAL',
    `this request ended the model's engine process each time it was computed (${cause.exit}); it is not tried again`,
    { cause },
  );

const endless = (cause: EngineFailure): ServingError =>
  new ServingError(
    'INTERNAL',
    'the model did not finish computing this request within its run time limit, more than once; it is not tried again',
    { cause },
  );
