/**
 * HOT. The short way of a query: what lies ready in the answer cache is sent without decoding or asking the resolver.
 * Access, counters and the query log hold here as on the long way (handle-query.ts), which keeps what may lie ready.
 */
import { Rcode, Type } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { Clock } from '../ports/clock.js';
import type { AccessList } from './access.js';
import { AnswerCache } from './answer-cache.js';
import { PeekedQuery, peekQuery } from './peek-query.js';
import type { ReadyTally } from './query-stats.js';

export interface ReadyAnswersParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly stats: ReadyTally;
  /** Octets for replies; 0: nothing is ever ready. */
  readonly octets: number;
}

/** What lies ready for the clients of a listener, or is to lie ready with who asks on their behalf. */
export interface ReadyKeeper {
  /**
   * Looks for a reply to the query in the first `length` octets. Octets of it as of `now` (Clock.now()), to be had by
   * `write` at once; 0: the long way, beginning with this query.
   */
  find(
    query: Uint8Array,
    length: number,
    transport: 'udp' | 'tcp',
    address: string,
    access: AccessList,
    now: number,
  ): number;
  /** Writes what `find` found just now. */
  write(query: Uint8Array, into: Buffer): void;
  /** How many clients were answered since the long way was last taken, for the query that `find` just found nothing for. */
  takeHits(query: Uint8Array): number;
  /** Keeps the reply made from `resolution`, synchronously after `find`, for the query it found nothing for. */
  offer(query: Uint8Array, resolution: Resolution, reply: Buffer, maxOctets: number): void;
}

/** TC in the third octet of a message. */
const TRUNCATED = 0x02;

export class ReadyAnswers implements ReadyKeeper {
  readonly #parts: ReadyAnswersParts;
  readonly #cache: AnswerCache | undefined;
  readonly #peeked = new PeekedQuery();
  /** What #peeked was read from; undefined when that was no plain query. */
  #query: Uint8Array | undefined;

  constructor(parts: ReadyAnswersParts) {
    this.#parts = parts;
    this.#cache = parts.octets > 0 ? new AnswerCache(parts.octets) : undefined;
  }

  find(
    query: Uint8Array,
    length: number,
    transport: 'udp' | 'tcp',
    address: string,
    access: AccessList,
    now: number,
  ): number {
    const cache = this.#cache;
    this.#query = undefined;
    if (cache === undefined || !peekQuery(query, length, this.#peeked) || !access.mayAsk(address)) return 0;
    this.#query = query;
    if (transport === 'tcp') this.#peeked.udpSize = 0xffff;
    return cache.find(query, this.#peeked, now);
  }

  write(query: Uint8Array, into: Buffer): void {
    this.#cache!.write(query, this.#peeked, into);
    const at = this.#peeked.end - 4;
    this.#parts.stats.answeredReady((query[at]! << 8) | query[at + 1]!, into[3]! & 0xf);
  }

  takeHits(query: Uint8Array): number {
    return this.#query === query ? this.#cache!.takeLapsedHits() : 0;
  }

  offer(query: Uint8Array, resolution: Resolution, reply: Buffer, maxOctets: number): void {
    if (this.#query !== query || !mayLieReady(resolution, reply, maxOctets)) return;
    this.#keep(query, reply, this.#parts.clock.now());
  }

  /** Keeps a reply made at `now` (Clock.now()) for a query that went another way, if that is a plain one. */
  take(query: Uint8Array, reply: Buffer, now: number): void {
    this.#query = undefined;
    if (this.#cache !== undefined && peekQuery(query, query.length, this.#peeked)) this.#keep(query, reply, now);
  }

  #keep(query: Uint8Array, reply: Buffer, now: number): void {
    const at = this.#peeked.end - 4;
    // RFC 8482: what answers ANY is chosen anew.
    if (((query[at]! << 8) | query[at + 1]!) === Type.ANY) return;
    this.#cache!.keep(query, this.#peeked, reply, now);
  }

  clear(): void {
    this.#cache?.clear();
  }
}

/**
 * Local data may change at any time, what is explained is worth explaining anew, and something newer is not kept waiting.
 * @param maxOctets that any client would be sent
 */
export function mayLieReady(resolution: Resolution, reply: Buffer, maxOctets: number): boolean {
  const { rcode, source, because, security, isDue } = resolution;
  if (reply.length > maxOctets || (reply[2]! & TRUNCATED) !== 0) return false;
  const said = rcode === Rcode.NOERROR || rcode === Rcode.NXDOMAIN;
  return said && source === 'cache' && isDue !== true && because.length === 0 && security.kind !== 'bogus';
}
