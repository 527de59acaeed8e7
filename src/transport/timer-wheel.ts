/**
 * HOT. Timers of which nearly all are cancelled: each query sets one, and gets its reply. A wheel of slots, each a ring of
 * timers due in the same few milliseconds (Varghese and Lauck, 1987), driven by one timer of Node: to set and to cancel is
 * to link and to unlink. What lies further ahead than one turn of the wheel is rare and left to Node.
 */

import { Place } from '../dns/ring.js';
import type { Cancel } from '../ports/clock.js';

/** Milliseconds of a slot: a timer runs so much late, more when many are due at once, and never early. */
const TICK = 4;
/** A power of two. One turn is 4 s: longer than most waits for a server. */
const SLOTS = 1024;
/** Milliseconds of actions in one turn of the event loop; the others that are due run 1 ms later. */
const MAY_TAKE = 1;
/** Milliseconds; what Node's timers take at most. */
const NODE_LONGEST = 2 ** 31 - 1;

class Timer extends Place {
  constructor(readonly action: () => void) {
    super();
  }
}

export class TimerWheel {
  /** The head of each slot's ring. */
  readonly #slots = Array.from({ length: SLOTS }, () => new Place());
  /** Timers whose time has come, until their actions run. */
  readonly #due = new Place();
  #count = 0;
  /** The first tick whose slot was not run yet. A tick is a time divided by TICK. */
  #tick = 0;
  /** The tick that Node's timer waits for. */
  #armedFor = Number.POSITIVE_INFINITY;
  #armed: NodeJS.Timeout | undefined;

  /** @param now milliseconds since some fixed moment, never going back */
  constructor(private readonly now: () => number) {}

  /**
   * Runs `action` once, `delay` ms from now or a few ms later, more when many are due at once. Keeps the process alive
   * until it ran or was cancelled.
   */
  schedule(delay: number, action: () => void): Cancel {
    if (!(delay < (SLOTS - 2) * TICK)) return scheduleFar(delay, action);
    const now = this.now();
    // With nothing waiting the wheel stood still.
    if (this.#count === 0) this.#tick = Math.floor(now / TICK);
    // The slot is run when it is over; one that was missed, because the process was busy, is run next.
    const tick = Math.max(Math.floor((now + Math.max(0, delay)) / TICK), this.#tick);
    // A slot holds timers of one tick alone. After a long pause one turn may not reach so far.
    if (tick - this.#tick >= SLOTS - 1) return scheduleFar(delay, action);
    const timer = new Timer(action);
    this.#slots[tick % SLOTS]!.append(timer);
    // The last one cancelled leaves Node's timer waiting, but not the process.
    if (this.#count++ === 0) this.#armed?.ref();
    if (tick < this.#armedFor) this.#arm(tick, now);
    return () => {
      if (!timer.isAlone) this.#remove(timer);
    };
  }

  #remove(timer: Timer): void {
    timer.leave();
    if (--this.#count === 0) this.#armed?.unref();
  }

  #arm(tick: number, now: number): void {
    clearTimeout(this.#armed);
    this.#armedFor = tick;
    this.#armed = setTimeout(() => this.#turn(), Math.max(0, (tick + 1) * TICK - now));
  }

  /** Runs what is due, or the first of it. An action that throws keeps none of the others from running. */
  #turn(): void {
    this.#armed = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const over = Math.floor(this.now() / TICK);
    for (; this.#tick < over && this.#count > 0; this.#tick++) this.#due.takeOver(this.#slots[this.#tick % SLOTS]!);
    try {
      this.#runDue();
    } finally {
      this.#armNext();
    }
  }

  #runDue(): void {
    const due = this.#due;
    const until = this.now() + MAY_TAKE;
    while (!due.isAlone) {
      const timer = due.next as Timer;
      this.#remove(timer);
      timer.action();
      if (this.now() >= until) break;
    }
  }

  #armNext(): void {
    if (this.#count === 0) return;
    if (!this.#due.isAlone) {
      this.#arm(this.#tick - 1, this.now());
      return;
    }
    let tick = this.#tick;
    while (this.#slots[tick % SLOTS]!.isAlone) tick++;
    if (tick < this.#armedFor) this.#arm(tick, this.now());
  }
}

/** For any length of time: Node takes what is longer than 25 days for nothing. */
function scheduleFar(delay: number, action: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const step = Math.min(left, NODE_LONGEST);
    timer = setTimeout(() => (left > step ? wait(left - step) : action()), step);
  };
  wait(delay);
  return () => clearTimeout(timer);
}
