/** How V8 collects garbage in a daemon. */
import { setFlagsFromString } from 'node:v8';

/**
 * Young objects are collected by one thread. Nearly all of them are dead by then, so that there is little to share: with
 * several threads each collection cost more for waking them than it was shorter (3 to 11 % of all CPU time of a question
 * that goes to the network, measured on one core and on two). To be called before much was allocated.
 */
export function collectWithOneThread(): void {
  setFlagsFromString('--no-parallel-scavenge');
}
