/**
 * What a front thread and the brain share: two queues, counters, and a few words that each looks at before it acts. It
 * is made anew for each thread; views over it are made on both sides.
 */
import { LATENCY_CELLS } from '../latency-histogram.js';
import { RCODES, TYPES } from '../query-stats.js';
import { newRing } from './octet-ring.js';

/** Octets of queries on their way to the brain: two thousand or so, as many as the receive buffer of a socket holds. */
const QUESTIONS = 262_144;
/** Octets of replies on their way to the answer cache of a front. */
const ANSWERS = 262_144;

export interface FrontMemory {
  readonly control: SharedArrayBuffer;
  readonly tally: SharedArrayBuffer;
  readonly questions: SharedArrayBuffer;
  readonly answers: SharedArrayBuffer;
}

/**
 * Words of `control`. GENERATION: raised by the brain whenever what lies ready must be forgotten, or a socket is taken
 * away. TURN: odd while the front is at work on a batch. AWAKE: 0 while the brain waits to be told of questions. STOP: 1
 * when the thread is to end.
 */
export const GENERATION = 0;
export const TURN = 1;
export const AWAKE = 2;
export const STOP = 3;
const WORDS = 4;

/** Cells of `tally`, each written by the front alone. */
export const DROPPED = 0;
export const UNSENT = 1;
export const TYPES_AT = 2;
export const RCODES_AT = TYPES_AT + TYPES + 1;
export const LATENCY_AT = RCODES_AT + RCODES + 1;
const CELLS = LATENCY_AT + LATENCY_CELLS;

export function newFrontMemory(): FrontMemory {
  return {
    control: new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT),
    tally: new SharedArrayBuffer(CELLS * Float64Array.BYTES_PER_ELEMENT),
    questions: newRing(QUESTIONS),
    answers: newRing(ANSWERS),
  };
}

/** Tells the brain of questions, unless it looks by itself. */
export function wakeBrain(control: Int32Array): void {
  if (Atomics.exchange(control, AWAKE, 1) === 0) Atomics.notify(control, AWAKE);
}
