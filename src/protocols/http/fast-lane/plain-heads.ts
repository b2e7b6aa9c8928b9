import type { FastRoutes, FoundRoute } from './fast-routes.js';
import { type RequestHead, readHead } from './request-head.js';

/** A head that the fast lane deals with, and who answers it. */
export interface PlainHead {
  readonly head: RequestHead;
  readonly route: FoundRoute;
}

/** Heads remembered are at least so many and at most twice as many. */
const generationSize = 64;

/**
 * What heads mean. Callers send the same few again and again, over all their connections: those seen last are not read
 * again. There are two generations, of which the older is dropped whole, since a Map whose entries come and go one by
 * one is copied over and over.
 */
export class PlainHeads {
  readonly #routes: FastRoutes;
  #lastText = '';
  #last: PlainHead | undefined;
  #young = new Map<string, PlainHead>();
  #old: ReadonlyMap<string, PlainHead> = new Map();

  constructor(routes: FastRoutes) {
    this.#routes = routes;
  }

  /** `text`: without the empty line at its end. Undefined: not for the fast lane. */
  find(text: string): PlainHead | undefined {
    if (text !== this.#lastText) {
      this.#last = this.#young.get(text) ?? this.#older(text);
      this.#lastText = text;
    }
    return this.#last;
  }

  #older(text: string): PlainHead | undefined {
    const found = this.#old.get(text) ?? this.#read(text);
    if (found !== undefined) this.#remember(text, found);
    return found;
  }

  #read(text: string): PlainHead | undefined {
    const head = readHead(text);
    const route = head && this.#routes.find(head);
    return route && { head, route };
  }

  #remember(text: string, head: PlainHead): void {
    if (this.#young.size === generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, head);
  }
}
