/**
 * The body of a front thread. It waits for its sockets blocked in the system rather than in Node's event loop: nothing
 * is read but by batches, and a datagram on its own costs three system calls.
 */
import { performance } from 'node:perf_hooks';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { loadLibc } from '../../native/libc.js';
import { ReadinessWait } from '../../native/readiness.js';
import { Front, type FrontSettings } from './front.js';
import { type FrontMemory, STOP } from './front-memory.js';
import { monotonicMs } from './monotonic.js';

export interface FrontThreadData {
  readonly memory: FrontMemory;
  readonly settings: FrontSettings;
  readonly answerOctets: number;
  /** Of the ReadinessSet. */
  readonly readinessFd: number;
  /** Clock.now() of the brain less monotonicMs(). */
  readonly clockOffset: number;
}

/** The one message of a front to the brain: its sockets will be read. */
export const READY = 'ready';

/** Milliseconds blocked at most: a process that ends waits for its threads. */
const IDLE = 500;
/** Milliseconds without the event loop at most. What V8 and Node put off until then must not gather. */
const AWAY = 1000;

await run(workerData as FrontThreadData);

async function run({ memory, settings, answerOctets, readinessFd, clockOffset }: FrontThreadData): Promise<void> {
  const outcome = await loadLibc();
  if (outcome.kind === 'missing') throw new Error(outcome.because);
  const { libc } = outcome;
  const port = parentPort!;
  const offset = clockOffset + monotonicMs() - performance.now();
  const clock = { now: () => performance.now() + offset };
  const newSettings = (): FrontSettings | undefined => latest(port);
  const front = new Front({ libc, memory, settings, answerOctets, clock, newSettings });
  const control = new Int32Array(memory.control);
  const sockets = new ReadinessWait(libc, readinessFd);
  port.postMessage(READY);
  let awaySince = clock.now();
  while (Atomics.load(control, STOP) === 0) {
    front.willWait();
    const count = sockets.wait(IDLE);
    for (let i = 0; i < count; i++) front.serve(sockets.fdAt(i), sockets.labelAt(i));
    if (clock.now() - awaySince < AWAY) continue;
    await new Promise(setImmediate);
    awaySince = clock.now();
  }
}

/** The last of the settings that were sent; undefined when there are none that were not read. */
function latest(port: NonNullable<typeof parentPort>): FrontSettings | undefined {
  let settings: FrontSettings | undefined;
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return settings;
    settings = received.message as FrontSettings;
  }
}
