/**
 * The connection to the store, with the circuit that keeps a bad one from costing anybody time. All that reconnects is
 * here: the bodies of the stores do not, so that there is one place with one bound.
 *
 *   open -(pause)-> half-open: connect, ask one key -(in time)-> closed -(3 failures or connection lost)-> open
 *
 * No client question is ever used to find out whether the store is back. What is known of a store that stalls is thrown
 * away with its connection, or replies would pile up.
 */
import type { Cancel, Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { Circuit } from './circuit.js';
import type { Counters } from './counters.js';
import type { OpenStore, SharedStore } from './shared-store.js';
import { type Outcome, within } from './within.js';

/** Milliseconds to connect, TLS and password included. */
const CONNECT_MS = 3000;

export interface LinkParts {
  readonly open: OpenStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  /** The address as it may be printed. */
  readonly where: string;
  /** Milliseconds a store may take that is worth being asked. */
  readonly timeout: number;
  /** Read to see whether the store works. */
  readonly trialKey: () => string;
  readonly channel: () => string;
  readonly onMessage: (octets: Buffer) => void;
  /** The circuit closed: what had to wait can go out. */
  readonly onReady: () => void;
}

export class Link {
  readonly circuit = new Circuit();
  readonly #parts: LinkParts;
  #store: SharedStore | undefined;
  #cancelTrial: Cancel | undefined;
  #isEnded = false;
  /** Told that it is out of reach, and not yet that it is back. */
  #complained = false;
  /** Counts connections: what an old one says is not about the new one. */
  #generation = 0;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Whether the store may be asked now. */
  get isUsable(): boolean {
    return this.#store !== undefined;
  }

  start(): void {
    void this.#try();
  }

  /** What `action` gives; undefined when it failed or took more than `ms`, which is counted against the store. */
  async use<T>(ms: number, action: (store: SharedStore) => Promise<T>): Promise<T | undefined> {
    const store = this.#store;
    if (store === undefined) return undefined;
    const outcome = await within(this.#parts.clock, ms, begun(store, action));
    this.#count(outcome);
    if (outcome.kind === 'done') {
      if (store === this.#store) this.circuit.succeeded();
      return outcome.value;
    }
    // Who had hardly any patience left cannot tell that the store is slow.
    const isItsFault = outcome.kind === 'failed' || ms >= this.#parts.timeout / 2;
    if (store === this.#store && isItsFault && this.circuit.failed()) this.#giveUp(reasonOf(outcome, ms));
    return undefined;
  }

  /** Begins anew with a fresh connection, as when the channel is another. */
  renew(): void {
    this.#drop();
    this.#cancelTrial?.();
    if (!this.#isEnded) void this.#try();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelTrial?.();
    this.#drop();
  }

  async #try(): Promise<void> {
    const { open, clock, timeout, trialKey, channel } = this.#parts;
    this.circuit.try();
    const generation = ++this.#generation;
    const isOld = (): boolean => generation !== this.#generation || this.#isEnded;
    const connecting = begun(undefined, () =>
      open(channel(), {
        lost: (error) => {
          if (!isOld() && this.#store !== undefined) this.#lose(error);
        },
        message: (octets) => {
          if (!isOld()) this.#parts.onMessage(octets);
        },
      }),
    );
    const connected = await within(clock, CONNECT_MS, connecting, (late) => late.close());
    if (connected.kind !== 'done') {
      if (!isOld()) this.#failTrial(connected, CONNECT_MS);
      return;
    }
    const store = connected.value;
    const tried = await within(
      clock,
      timeout,
      begun(store, () => store.getMany([trialKey()])),
    );
    if (isOld() || tried.kind !== 'done') {
      store.close();
      if (!isOld()) this.#failTrial(tried, timeout);
      return;
    }
    this.#close(store);
  }

  #close(store: SharedStore): void {
    this.#store = store;
    this.circuit.close(this.#parts.clock.now());
    this.#parts.log.info({ store: this.#parts.where }, 'the shared cache is in use');
    this.#complained = false;
    this.#parts.onReady();
  }

  #failTrial(outcome: Outcome<unknown>, ms: number): void {
    this.#count(outcome);
    this.#giveUp(reasonOf(outcome, ms));
  }

  #lose(error: Error): void {
    this.#parts.counters.errors++;
    this.#giveUp(error.message);
  }

  #giveUp(because: string): void {
    const { clock, log, where } = this.#parts;
    this.#drop();
    this.#cancelTrial = clock.schedule(this.circuit.open(clock.now()), () => void this.#try());
    if (!this.#complained) {
      log.warn({ store: where, because }, 'the shared cache is left alone for now: answers go on without it');
    }
    this.#complained = true;
  }

  #drop(): void {
    this.#generation++;
    const store = this.#store;
    this.#store = undefined;
    store?.close();
  }

  #count(outcome: Outcome<unknown>): void {
    if (outcome.kind === 'late') this.#parts.counters.timeouts++;
    else if (outcome.kind === 'failed') this.#parts.counters.errors++;
  }
}

/** What a body throws at once is a rejection like any other. */
async function begun<S, T>(store: S, action: (store: S) => Promise<T>): Promise<T> {
  return action(store);
}

function reasonOf(outcome: Outcome<unknown>, ms: number): string {
  return outcome.kind === 'failed' ? outcome.error.message : `it took more than ${ms} ms`;
}
