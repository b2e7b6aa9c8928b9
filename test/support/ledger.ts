/** Every inference request whose headers reached the server, by what became of it for its caller. */
export class Ledger {
  /** By HTTP status. */
  readonly seen = new Map<number, number>();
  /** Their callers hung up; the server may have answered all the same. */
  unread = 0;

  get sent(): number {
    return this.unread + [...this.seen.values()].reduce((sum, count) => sum + count, 0);
  }

  answered(status: number): void {
    this.seen.set(status, (this.seen.get(status) ?? 0) + 1);
  }

  abandoned(): void {
    this.unread++;
  }
}
