/** Warnings of one socket, one in ten seconds at most: an error that comes with every datagram must not fill the disk. */
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

/** Milliseconds. */
const INTERVAL = 10_000;

export class SpareWarnings {
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param listen ServerAddress.key of the socket */
  constructor(
    private readonly listen: string,
    private readonly parts: { readonly clock: Pick<Clock, 'now'>; readonly log: Log },
  ) {}

  warn(reason: string, message: string): void {
    const now = this.parts.clock.now();
    if (now - this.#lastAt < INTERVAL) return;
    this.#lastAt = now;
    this.parts.log.warn({ listen: this.listen, reason }, message);
  }
}
