/** The resolver as its clients (server/, cli/, embedders) see it. */
import type { Question } from '../dns/message.js';
import type { Resolution } from '../dns/resolution.js';
import type { Continuation } from './continuation.js';
import type { Trace } from './trace.js';

export interface ResolveOptions {
  /** CD: bogus data may be returned. */
  readonly checkingDisabled: boolean;
  readonly trace: Trace;
  /** The client may not see what others asked: nothing is fetched on its account, nothing stale given. */
  readonly looksOnly?: boolean;
  /** Clients that got the same answer since the cache was last asked for it, and that it has not counted yet. */
  readonly uncounted?: number;
}

export interface Resolver {
  /**
   * From local zones and the cache alone, aliases followed; undefined when anything is missing. Synchronous.
   * Class must be IN; type must not be ANY or a meta type.
   */
  known(question: Question, options: ResolveOptions): Resolution | undefined;
  /**
   * `known`, or where that has nothing what resolves the rest, to be called in the same turn of the event loop: nothing
   * is looked up twice.
   */
  begin(question: Question, options: ResolveOptions): Resolution | Resolving;
  /** Fills the gaps from the network. Never rejects: trouble is a Resolution with SERVFAIL and its reasons. */
  resolve(question: Question, options: ResolveOptions): Promise<Resolution>;
}

/** As `resolve`. */
export type Resolving = (waiting: Continuation<Resolution>) => void;
