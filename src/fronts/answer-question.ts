import type { InferenceService } from '../core/inference-service.js';
import type { Answers, Outcome, Question } from './front-messages.js';
import { plainError } from './plain-error.js';

export interface AnswerSources {
  /** This front's own. */
  readonly service: InferenceService;
  /** This front's metrics as JSON text. */
  readonly metrics: () => Promise<string>;
}

/** What this front alone has to say. */
export async function answerQuestion(question: Question, sources: AnswerSources): Promise<Outcome> {
  try {
    return { value: await answer(question, sources) };
  } catch (error) {
    return { error: plainError(error) };
  }
}

async function answer(question: Question, { service, metrics }: AnswerSources): Promise<Answers[Question['kind']]> {
  switch (question.kind) {
    case 'ready':
      return service.ready;
    case 'models':
      return service.models();
    case 'metrics':
      return metrics();
    case 'status':
      return service.status(question.selector);
    case 'statistics':
      return service.statistics(question.selector);
    case 'load':
      await service.loadModel(question.name);
      return null;
    case 'unload':
      await service.unloadModel(question.name);
      return null;
  }
}
