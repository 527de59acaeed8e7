/**
 * Why is the pause that ends a collection of old objects short? Because young ones are collected while it is prepared.
 *
 * V8 marks old objects beside the program for 40 to 100 ms. What was reachable at any moment of that counts as alive to
 * its end, young objects too, so that of all questions answered meanwhile everything is copied in the final pause. A
 * collection of young objects alone does not ask for marks, what is dead by then is gone, and it takes 0.4 ms. With 2,000 new
 * names a second the final pause was 5 to 9 ms, and is 2 to 4 with this.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cancel, Clock } from '../ports/clock.js';

const EVERY_MS = 5;
/** A bound for a marking whose end nobody tells of: 300 ms or more, three times what marking takes on a busy core. */
const MOST = 60;
/** Of a busy core they take a quarter at most: as many times as long as one took there is none. */
const REST = 3;
/** From V8 13 on a collection of young objects ends the marking at once, in one long pause (--separate-gc-phases). */
const LAST_V8 = 12;

/** To be called once, in the main thread of a daemon. Does nothing where this V8 cannot be asked for such collections. */
export function collectYoungWhileMarking(): void {
  if (Number.parseInt(process.versions.v8, 10) > LAST_V8) return;
  const collect = youngCollection();
  if (collect === undefined) return;
  const marking = new Marking(collect, unheldTimers);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) marking.heard(kindOf(entry));
  }).observe({ entryTypes: ['gc'] });
}

/** Timers that let the process end. Those of questions are in steps of 4 ms, too wide here. */
const unheldTimers: MarkingClock = {
  now: () => performance.now(),
  schedule: (delay, action) => {
    const timer = setTimeout(action, delay).unref();
    return () => clearTimeout(timer);
  },
};

/** A function that collects young objects now, or undefined: without the flag only a context made under it has one. */
export function youngCollection(): (() => void) | undefined {
  const gc: unknown = globalThis.gc ?? exposed();
  return typeof gc === 'function' ? () => gc({ type: 'minor' }) : undefined;
}

function exposed(): unknown {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  return gc;
}

function kindOf(entry: PerformanceEntry & { readonly detail?: { readonly kind?: number } }): number | undefined {
  return entry.detail?.kind;
}

type MarkingClock = Pick<Clock, 'now' | 'schedule'>;

/** Collects every 5 ms, or less often, from the first step of a marking to the collection that ends it. */
export class Marking {
  #left = 0;
  #cancel: Cancel | undefined;

  constructor(
    private readonly collect: () => void,
    private readonly clock: MarkingClock,
  ) {}

  /** `kind` as in the `detail` of performance entries of type gc. */
  heard(kind: number | undefined): void {
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#end();
    if (kind !== constants.NODE_PERFORMANCE_GC_INCREMENTAL) return;
    this.#left = MOST;
    if (this.#cancel === undefined) this.#collect();
  }

  #collect(): void {
    if (this.#left === 0) {
      this.#end();
      return;
    }
    this.#left--;
    const began = this.clock.now();
    this.collect();
    const rest = Math.max(EVERY_MS, REST * (this.clock.now() - began));
    this.#cancel = this.clock.schedule(rest, () => this.#collect());
  }

  #end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#left = 0;
  }
}
