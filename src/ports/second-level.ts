/** A cache behind the cache, shared with other instances: asked on a local miss, before anybody is asked upstream. */
import type { DomainName } from '../dns/name.js';
import type { LookupContext } from './lookup.js';

export interface SecondLevel {
  /**
   * Brings into the local cache what others know that could answer. Resolves to whether anything came; never rejects, and
   * never takes longer than what the question may still wait for it. Undefined, without any wait, when it is not asked:
   * out of reach, or the question has waited for it enough.
   */
  fetch(name: DomainName, type: number, context: LookupContext): Promise<boolean> | undefined;
  /** What was fetched answered: nobody upstream was asked. */
  countAnswer(): void;
}

/** `open`: the store failed and is left alone for a while; `half-open`: it is being tried. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Counters since start. */
export interface SharedCacheStats {
  /** The address, without user and password. */
  readonly store: string;
  readonly circuit: CircuitState;
  /** Lookups sent to the store, after local misses. */
  readonly gets: number;
  /** Those that answered without asking any server. */
  readonly hits: number;
  /** Lookups left out because their question had waited for the store long enough. */
  readonly skipped: number;
  /** Entries of others taken over. */
  readonly restored: number;
  readonly writes: number;
  /** Entries not written: too many waited, or the store was out of reach. */
  readonly droppedWrites: number;
  /** Entries the store did not take: it is full. */
  readonly refusedWrites: number;
  readonly errors: number;
  /** Uses of the store that took too long. */
  readonly timeouts: number;
  /** Values whose signature is wrong, that are cut short, or that stand under another's key. */
  readonly badSignatures: number;
  /** Values ignored because they were stored before a flush. */
  readonly flushedValues: number;
  readonly flushesSent: number;
  readonly flushesReceived: number;
  readonly circuitOpens: number;
  /** Milliseconds a lookup takes: smoothed, and the longest that was in time. */
  readonly latencyMs: { readonly smoothed: number; readonly max: number };
}
