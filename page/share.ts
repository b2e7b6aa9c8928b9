/** A longer body is no link any more. */
const longestShared = 6000;

export interface Place {
  readonly model: string | undefined;
  /** A request in JSON to begin with. */
  readonly body: string | undefined;
}

/** Of an address' fragment: `#/models/iris`, `#/models/iris?body=…`. */
export function placeOf(fragment: string): Place {
  const [, name, query = ''] = /^#\/models\/([^?]+)(?:\?(.*))?$/.exec(fragment) ?? [];
  if (name === undefined) return { model: undefined, body: undefined };
  try {
    return { model: decodeURIComponent(name), body: new URLSearchParams(query).get('body') ?? undefined };
  } catch {
    return { model: undefined, body: undefined };
  }
}

export const fragmentOf = (model: string, body?: string): string =>
  `#/models/${encodeURIComponent(model)}${body === undefined ? '' : `?${new URLSearchParams({ body })}`}`;

export const canBeShared = (body: string | Blob): body is string =>
  typeof body === 'string' && body.length <= longestShared;
