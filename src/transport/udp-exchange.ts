/** How many questions are asked over UDP at once? At most so many, a socket each; the rest wait in order of arrival. */
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import { UdpAttempt, type UdpParts } from './udp-attempt.js';

export class UdpExchange {
  readonly #parts: UdpParts;
  readonly #waiting = new Set<UdpAttempt>();
  #open = 0;
  #admitting = false;
  #whenDrained: (() => void) | undefined;

  constructor(parts: UdpParts) {
    this.#parts = parts;
  }

  /** Rejects for a query that cannot be encoded, the caller's mistake, and never else. Time spent waiting for a socket counts against the query's timeout, but not as round trip. */
  ask(query: ExchangeQuery): Promise<ExchangeOutcome> {
    const { udpSockets, udpQueue } = this.#parts.settings;
    const full = this.#open >= udpSockets;
    if (full && this.#waiting.size >= udpQueue) {
      return Promise.resolve({
        kind: 'unreachable',
        scope: 'here',
        reason: `${udpSockets} UDP queries in flight, ${udpQueue} waiting`,
      });
    }
    return new Promise((resolve) => {
      const attempt: UdpAttempt = new UdpAttempt(this.#parts, query, (outcome) => {
        resolve(outcome);
        this.#ended(attempt);
      });
      if (full) this.#waiting.add(attempt);
      else this.#start(attempt);
    });
  }

  /** Resolves when no query is under way any more. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDrained = resolve;
      this.#checkDrained();
    });
  }

  #start(attempt: UdpAttempt): void {
    this.#open++;
    attempt.start();
  }

  #ended(attempt: UdpAttempt): void {
    if (this.#waiting.delete(attempt)) return;
    this.#open--;
    if (this.#waiting.size > 0) this.#admitWaiting();
    this.#checkDrained();
  }

  #admitWaiting(): void {
    // An attempt the system refuses ends inside start(): the loop below goes on, not a recursion.
    if (this.#admitting) return;
    this.#admitting = true;
    for (const next of this.#waiting) {
      if (this.#open >= this.#parts.settings.udpSockets) break;
      this.#waiting.delete(next);
      this.#start(next);
    }
    this.#admitting = false;
  }

  #checkDrained(): void {
    if (this.#open === 0 && this.#waiting.size === 0) this.#whenDrained?.();
  }
}
