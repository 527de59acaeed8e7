/**
 * HOT. What is one question over UDP, from ask to outcome? With a random ID and spelling, and judged against each datagram
 * that comes to the port it left from.
 */
import type { ServerAddress } from '../dns/address.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Continuation } from '../ports/continuation.js';
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { matchReply, questionEndOf } from './match.js';
import { encodeQuery } from './query-octets.js';
import { readReply } from './read-reply.js';
import type { TransportSettings } from './settings.js';
import type { SourcePort } from './source-port.js';
import { refusedBySystem } from './system-refusal.js';

export interface UdpParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: TransportSettings;
}

const IDS = 0x10000;

/** One query on its way. Ends once, with one outcome, and leaves no timer behind. */
export class UdpAttempt {
  /** The message as it is sent. */
  readonly octets: Buffer;
  /** Where it left from; the owner of this attempt gives it back. */
  port: SourcePort | undefined;
  /** Clock.now() when a reply that matched was read; undefined: none was. */
  answeredAt: number | undefined;
  readonly #parts: UdpParts;
  readonly #query: ExchangeQuery;
  readonly #questionEnd: number;
  readonly #askedAt: number;
  readonly #cancelTimeout: Cancel;
  #ended: ((attempt: UdpAttempt, outcome: ExchangeOutcome) => void) | undefined;
  #sentAt = 0;
  #wrongReplies = 0;

  /**
   * The timeout runs from here; nothing is sent before leaveFrom(). `ended` is called exactly once. Throws RangeError for
   * a query that cannot be encoded, and has done nothing then.
   */
  constructor(
    parts: UdpParts,
    query: ExchangeQuery,
    /** For the owner: whom the outcome is for. */
    readonly waiting: Continuation<ExchangeOutcome>,
    ended: (attempt: UdpAttempt, outcome: ExchangeOutcome) => void,
  ) {
    this.#parts = parts;
    this.#query = query;
    this.#ended = ended;
    const { random } = parts;
    this.octets = encodeQuery(query, random.below(IDS), query.caseRandomisation ? random : undefined);
    this.#questionEnd = questionEndOf(query.name.length);
    this.#askedAt = parts.clock.now();
    this.#cancelTimeout = parts.clock.schedule(query.timeout, () => {
      this.#end({ kind: 'timeout', waited: parts.clock.now() - this.#askedAt });
    });
  }

  get hasEnded(): boolean {
    return this.#ended === undefined;
  }

  get server(): ServerAddress {
    return this.#query.server;
  }

  get id(): number {
    return this.octets.readUInt16BE(0);
  }

  /** Only before it is sent. */
  set id(id: number) {
    this.octets.writeUInt16BE(id, 0);
  }

  /** Sends it. */
  leaveFrom(port: SourcePort): void {
    this.port = port;
    this.#sentAt = this.#parts.clock.now();
    port.ask(this);
  }

  /** Whether the datagram ended the wait: as its reply, or as one that someone else has written. */
  take(reply: Buffer): boolean {
    const verdict = matchReply(reply, this.octets, this.#questionEnd, this.#query.caseRandomisation);
    if (verdict === 'other') return false;
    if (verdict === 'misspelled') {
      // ID and port were right: a server that does not keep spelling, or a forger who got that far.
      this.#end({ kind: 'suspicious', reason: 'the reply spells the question differently (0x20)' });
    } else {
      const now = this.#parts.clock.now();
      this.answeredAt = now;
      this.#end(readReply(reply, this.#questionEnd, now - this.#sentAt, this.#parts.log));
    }
    return true;
  }

  /** Several that do not match are someone who guesses. */
  countWrongReply(): void {
    this.#wrongReplies++;
    if (this.#wrongReplies < this.#parts.settings.wrongReplies) return;
    this.#end({ kind: 'suspicious', reason: `${this.#wrongReplies} replies with a wrong ID or question` });
  }

  /** Ends it with what the system said. */
  failed(error: unknown): void {
    this.#end(refusedBySystem(error));
  }

  #end(outcome: ExchangeOutcome): void {
    const ended = this.#ended;
    if (ended === undefined) return;
    this.#ended = undefined;
    this.#cancelTimeout();
    ended(this, outcome);
  }
}
