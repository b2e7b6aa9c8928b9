import type { Series } from '../sections/series.js';

export type SeriesQuery = Partial<Pick<Series, 'contender' | 'workload' | 'protocol' | 'connections'>>;

/** The first series that is as asked. */
export const findSeries = (all: readonly Series[] | undefined, query: SeriesQuery): Series | undefined =>
  all?.find((series) => Object.entries(query).every(([key, value]) => series[key as keyof SeriesQuery] === value));

/** How many callers stand for a model's load: fewer where each sends an image. */
export const usualCallers = (all: readonly Series[], model: string): number =>
  ['resnet-50', 'image-mean'].includes(model) ? 16 : all.some(({ connections }) => connections === 64) ? 64 : 1;
