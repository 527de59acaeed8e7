/**
 * HOT. How many questions are asked over UDP at once? At most so many, from a port each; the rest wait in order of arrival.
 *
 * Queries leave when the turn of the event loop ends. System calls between them would throw the code that makes queries out
 * of the processor's caches, and the other way round.
 */
import { type Continuation, resumed } from '../ports/continuation.js';
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import { SourcePorts } from './source-ports.js';
import { UdpAttempt, type UdpParts } from './udp-attempt.js';
import type { UpstreamSockets } from './upstream-socket.js';

/** Queries that wait for the end of the turn at most: with more the first would wait for long. */
const MOST_LEAVING = 64;

export class UdpExchange {
  readonly #parts: UdpParts;
  readonly #sockets: UpstreamSockets;
  readonly #ports: SourcePorts;
  readonly #waiting = new Set<UdpAttempt>();
  readonly #ended = (attempt: UdpAttempt, outcome: ExchangeOutcome): void => this.#end(attempt, outcome);
  /** Of those under way: leaving when the turn ends. */
  #leaving: UdpAttempt[] = [];
  #isLeaveDue = false;
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

  /**
   * `waiting` goes on once, before this returns or later. Throws RangeError for a query that cannot be encoded, the caller's
   * mistake, and never else. Time spent waiting for a port counts against the query's timeout, but not as round trip.
   */
  ask(query: ExchangeQuery, waiting: Continuation<ExchangeOutcome>): void {
    const { udpSockets, udpQueue } = this.#parts.settings;
    const full = this.#underWay >= udpSockets;
    if (full && this.#waiting.size >= udpQueue) {
      const reason = `${udpSockets} UDP queries in flight, ${udpQueue} waiting`;
      resumed(waiting, { kind: 'unreachable', scope: 'here', reason });
      return;
    }
    const attempt = new UdpAttempt(this.#parts, query, waiting, this.#ended);
    if (full) this.#waiting.add(attempt);
    else this.#start(attempt);
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
    if (this.#leaving.push(attempt) >= MOST_LEAVING) this.#leave();
    else if (!this.#isLeaveDue) {
      this.#isLeaveDue = true;
      process.nextTick(this.#leaveDue);
    }
  }

  readonly #leaveDue = (): void => {
    this.#isLeaveDue = false;
    this.#leave();
  };

  #leave(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    const now = this.#parts.clock.now();
    for (const attempt of leaving) if (!attempt.hasEnded) this.#send(attempt, now);
  }

  #send(attempt: UdpAttempt, now: number): void {
    try {
      attempt.leaveFrom(this.#ports.take(attempt.server, now));
    } catch (error) {
      attempt.failed(error);
    }
  }

  #end(attempt: UdpAttempt, outcome: ExchangeOutcome): void {
    if (this.#waiting.size > 0 && this.#waiting.delete(attempt)) {
      resumed(attempt.waiting, outcome);
      return;
    }
    this.#underWay--;
    const answeredAt = outcome.kind === 'reply' ? attempt.answeredAt : undefined;
    if (attempt.port !== undefined) this.#ports.giveBack(attempt.port, answeredAt);
    // Who goes on may ask again at once, and comes after all that wait.
    if (this.#waiting.size > 0) this.#admitWaiting();
    resumed(attempt.waiting, outcome);
    this.#checkDrained();
  }

  #admitWaiting(): void {
    // An attempt that the system refuses may end inside #start(): the loop below goes on, not a recursion.
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
