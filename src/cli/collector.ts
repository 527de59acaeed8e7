/** How V8 collects garbage in a daemon. */
import { setFlagsFromString } from 'node:v8';

/**
 * To be called before anything else is loaded: what V8 plans then goes by what the second flag says at that time. A program
 * that embeds a resolver keeps V8 as it was set.
 */
export function setCollectorFlags(): void {
  // Young objects are collected by one thread. Nearly all of them are dead by then, so that there is little to share: with
  // several threads each collection cost more for waking them than it was shorter (3 to 11 % of all CPU time of a question
  // that goes to the network, measured on one core and on two).
  setFlagsFromString('--no-parallel-scavenge');
  // Memory is not given back for its own sake. V8 does so 8 s after it became quiet, and whenever nothing old was collected
  // for 100 s: each time everything old is moved together, 5 to 25 ms in one piece, for 16 MB once. The longest delay there
  // is, 24 days, stands for never; V8 looks at --memory-reducer before any of our code runs.
  setFlagsFromString('--gc-memory-reducer-start-delay-ms=2147483647');
}
