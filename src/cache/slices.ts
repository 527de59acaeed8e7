/**
 * How is work over the whole cache done while questions go on being answered? In slices, with a turn of the event loop
 * between them. Work is a generator that yields wherever it may be interrupted, at least every few microseconds' worth.
 */
import type { Steps, Turns } from '../ports/turns.js';

/** Milliseconds a slice takes: what an answer may have to wait, beside all else that is done in a turn. */
const SLICE_MS = 1;
/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 16;

/** When is a slice over? */
export class Slice {
  #end = 0;
  #steps = 0;

  /** Begins. @param now milliseconds, see Clock */
  constructor(private readonly now: () => number) {
    this.begin();
  }

  begin(): void {
    this.#end = this.now() + SLICE_MS;
    this.#steps = 0;
  }

  /** To be asked after every step, of a few microseconds at most. */
  isOver(): boolean {
    return ++this.#steps % STEPS_PER_LOOK === 0 && this.now() >= this.#end;
  }
}

/** All of it at once: for what must not be seen half done. */
export function atOnce<R>(work: Steps<unknown, R>): R {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

export async function inSlices<R>(work: Steps<unknown, R>, turns: Turns): Promise<R> {
  const slice = new Slice(() => turns.now());
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (!slice.isOver()) continue;
    await turns.next();
    slice.begin();
  }
}

/** Works one after the other: each of many at a time would take its slice before anything else gets its turn. */
export class OneByOne {
  /** Resolves when all that was begun has ended; undefined when it has. */
  #ended: Promise<void> | undefined;

  /** Begins at once when nothing else is under way. */
  run<R>(work: Steps<unknown, R>, turns: Turns): Promise<R> {
    const outcome = this.#ended === undefined ? inSlices(work, turns) : this.#ended.then(() => inSlices(work, turns));
    const ended = outcome.then(ignore, ignore).then(() => {
      if (this.#ended === ended) this.#ended = undefined;
    });
    this.#ended = ended;
    return outcome;
  }
}

function ignore(): void {}

/** What the work yields, undefined left out, gathered into one array for each slice and at most `most` long. */
export async function* batches<T>(work: Steps<T | undefined, void>, most: number, turns: Turns): AsyncGenerator<T[]> {
  let batch: T[] = [];
  const slice = new Slice(() => turns.now());
  for (;;) {
    const step = work.next();
    if (step.done === true) break;
    if (step.value !== undefined) batch.push(step.value);
    if (!slice.isOver() && batch.length < most) continue;
    if (batch.length > 0) yield batch;
    batch = [];
    await turns.next();
    slice.begin();
  }
  if (batch.length > 0) yield batch;
}
