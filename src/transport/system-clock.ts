/** What time is it, really? The production Clock. Its timers keep the process alive until they ran or were cancelled. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../ports/clock.js';
import { TimerWheel } from './timer-wheel.js';

const now = (): number => performance.now();
const wheel = new TimerWheel(now);

export const systemClock: Clock = {
  now,
  wall: () => Date.now(),
  schedule: (delay, action) => wheel.schedule(delay, action),
};
