/** How many questions are asked over UDP at once? At most so many, from a port each; the rest wait in order of arrival. */
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import { SourcePorts } from './source-ports.js';
import { UdpAttempt, type UdpParts } from './udp-attempt.js';
import type { UpstreamSockets } from './upstream-socket.js';

export class UdpExchange {
  readonly #parts: UdpParts;
  readonly #sockets: UpstreamSockets;
  readonly #ports: SourcePorts;
  readonly #waiting = new Set<UdpAttempt>();
  readonly #ended = (attempt: UdpAttempt, outcome: ExchangeOutcome): void => this.#end(attempt, outcome);
  #underWay = 0;
  #admitting = false;
  #whenDrained: (() => void) | undefined;

  /** `sockets` are closed with it. */
  constructor(parts: UdpParts, sockets: UpstreamSockets) {
    const { clock, random, settings } = parts;
    this.#parts = parts;
    this.#sockets = sockets;
    this.#ports = new SourcePorts({ sockets, clock, random, most: settings.udpSockets });
  }

  /** Rejects for a query that cannot be encoded, the caller's mistake, and never else. Time spent waiting for a port counts against the query's timeout, but not as round trip. */
  ask(query: ExchangeQuery): Promise<ExchangeOutcome> {
    const { udpSockets, udpQueue } = this.#parts.settings;
    const full = this.#underWay >= udpSockets;
    if (full && this.#waiting.size >= udpQueue) {
      return Promise.resolve({
        kind: 'unreachable',
        scope: 'here',
        reason: `${udpSockets} UDP queries in flight, ${udpQueue} waiting`,
      });
    }
    return new Promise((resolve) => {
      const attempt = new UdpAttempt(this.#parts, query, resolve, this.#ended);
      if (full) this.#waiting.add(attempt);
      else this.#start(attempt);
    });
  }

  /** Resolves when no query is under way any more, and no socket left. */
  close(): Promise<void> {
    this.#ports.close();
    return new Promise((resolve) => {
      this.#whenDrained = () => {
        this.#sockets.close();
        resolve();
      };
      this.#checkDrained();
    });
  }

  #start(attempt: UdpAttempt): void {
    this.#underWay++;
    try {
      attempt.leaveFrom(this.#ports.take(attempt.server));
    } catch (error) {
      attempt.failed(error);
    }
  }

  #end(attempt: UdpAttempt, outcome: ExchangeOutcome): void {
    attempt.resolve(outcome);
    if (this.#waiting.delete(attempt)) return;
    this.#underWay--;
    if (attempt.port !== undefined) this.#ports.giveBack(attempt.port, outcome.kind === 'reply');
    if (this.#waiting.size > 0) this.#admitWaiting();
    this.#checkDrained();
  }

  #admitWaiting(): void {
    // An attempt the system refuses ends inside #start(): the loop below goes on, not a recursion.
    if (this.#admitting) return;
    this.#admitting = true;
    for (const next of this.#waiting) {
      if (this.#underWay >= this.#parts.settings.udpSockets) break;
      this.#waiting.delete(next);
      this.#start(next);
    }
    this.#admitting = false;
  }

  #checkDrained(): void {
    if (this.#underWay === 0 && this.#waiting.size === 0) this.#whenDrained?.();
  }
}
