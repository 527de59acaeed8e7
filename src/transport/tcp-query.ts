/** What does a TCP query carry with it while it waits for its connection and its reply? */
import type { Cancel, Clock } from '../ports/clock.js';
import type { ExchangeOutcome, ExchangeQuery } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import { matchReply, questionEndOf } from './match.js';
import { encodeQuery } from './query-octets.js';
import { readReply } from './read-reply.js';
import { framed, unframed } from './tcp-frames.js';

/** One query over TCP, from ask to outcome. Ends once and leaves no timer behind. */
export class TcpQuery {
  /** Whether a connection died under it before: once is forgiven. */
  retried = false;
  readonly #query: ExchangeQuery;
  readonly #questionEnd: number;
  readonly #frame: Buffer;
  readonly #cancelTimeout: Cancel;
  #done: ((outcome: ExchangeOutcome) => void) | undefined;

  /** The timeout runs from here; `done` is called exactly once, with the timeout too. Throws as encodeQuery does. */
  constructor(query: ExchangeQuery, clock: Clock, done: (outcome: ExchangeOutcome) => void) {
    const askedAt = clock.now();
    this.#query = query;
    this.#done = done;
    this.#questionEnd = questionEndOf(query.name.length);
    this.#frame = framed(encodeQuery(query, 0, undefined));
    this.#cancelTimeout = clock.schedule(query.timeout, () => {
      this.end({ kind: 'timeout', waited: clock.now() - askedAt });
    });
  }

  get server(): ExchangeQuery['server'] {
    return this.#query.server;
  }

  /** The frame to send, carrying `id`. */
  frameWith(id: number): Buffer {
    unframed(this.#frame).writeUInt16BE(id, 0);
    return this.#frame;
  }

  /** The outcome of a reply that carries this query's ID. A stream cannot be forged from afar, so all that counts. */
  judge(reply: Buffer, rtt: number, log: Log): ExchangeOutcome {
    const matches = matchReply(reply, unframed(this.#frame), this.#questionEnd, false) === 'match';
    if (matches) return readReply(reply, this.#questionEnd, rtt, log);
    return { kind: 'malformed', reason: 'a message with this ID over TCP is no reply to this question' };
  }

  end(outcome: ExchangeOutcome): void {
    const done = this.#done;
    if (done === undefined) return;
    this.#done = undefined;
    this.#cancelTimeout();
    done(outcome);
  }
}
