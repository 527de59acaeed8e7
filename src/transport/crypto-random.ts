/** Where do unpredictable numbers come from? The system's generator, read in batches: a call each would cost 1 us. */
import { randomFillSync } from 'node:crypto';
import type { Random } from '../ports/random.js';

const BATCH = 2048;
const RANGE = 2 ** 32;

const batch = new Uint32Array(BATCH);
let next = BATCH;

function word(): number {
  if (next === BATCH) {
    randomFillSync(batch);
    next = 0;
  }
  const value = batch[next]!;
  // A number given out is not kept: a later look into memory says nothing about IDs and ports already used.
  batch[next++] = 0;
  return value;
}

/** Uniform numbers from node:crypto. Throws RangeError for a bound that is no whole number from 1 to 2^32. */
export const cryptoRandom: Random = {
  below(bound) {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= RANGE)) {
      throw new RangeError(`a bound is a whole number from 1 to 2^32, not ${bound}`);
    }
    // Values from the last, incomplete multiple of `bound` would favour small numbers: draw again (chance < 1/2).
    const fair = RANGE - (RANGE % bound);
    for (;;) {
      const value = word();
      if (value < fair) return value % bound;
    }
  },
};
