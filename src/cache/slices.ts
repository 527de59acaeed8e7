/**
 * How is work over the whole cache done while questions go on being answered? In slices, with a turn of the event loop
 * between them. Work is a generator that yields wherever it may be interrupted, at least every few microseconds' worth.
 */
import type { Steps, Turns } from '../ports/turns.js';

/** Milliseconds a slice takes: what an answer may have to wait. */
const SLICE_MS = 4;
/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 16;

/** All of it at once: for what must not be seen half done. */
export function atOnce<R>(work: Steps<unknown, R>): R {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

export async function inSlices<R>(work: Steps<unknown, R>, turns: Turns): Promise<R> {
  let end = turns.now() + SLICE_MS;
  for (let steps = 1; ; steps++) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (steps % STEPS_PER_LOOK !== 0 || turns.now() < end) continue;
    await turns.next();
    end = turns.now() + SLICE_MS;
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
  let end = turns.now() + SLICE_MS;
  for (let steps = 1; ; steps++) {
    const step = work.next();
    if (step.done === true) break;
    if (step.value !== undefined) batch.push(step.value);
    const isOver = steps % STEPS_PER_LOOK === 0 && turns.now() >= end;
    if (!isOver && batch.length < most) continue;
    if (batch.length > 0) yield batch;
    batch = [];
    await turns.next();
    end = turns.now() + SLICE_MS;
  }
  if (batch.length > 0) yield batch;
}
