/** Which threads give way? Those beside the main one at the start: V8's compiler and collector, and what waits for disks. */
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const TASKS = '/proc/self/task';
/** Added to the niceness of the process: a ninth of the main thread's share where both want the same processor. */
const NICER = 10;
const NICEST = 19;

/**
 * Helpers make answers cheaper later, and no question waits for them. On a machine of one processor, or a busy one, each
 * turn of theirs took up to 8 ms from the main thread (the longest pauses at 50,000 answers per second are half as long with
 * this). Linux, where each thread has a priority; elsewhere nothing is done. To be called before threads are begun that
 * answer.
 */
export function giveMainThreadPrecedence(): void {
  if (process.platform !== 'linux') return;
  const threads = threadsOfProcess();
  // In a container /proc may be that of another: its numbers mean nothing here then.
  if (!threads.includes(process.pid)) return;
  for (const thread of threads) if (thread !== process.pid) makeNicer(thread);
}

function threadsOfProcess(): number[] {
  try {
    return readdirSync(TASKS).map(Number);
  } catch {
    return [];
  }
}

function makeNicer(thread: number): void {
  try {
    setPriority(thread, Math.min(getPriority() + NICER, NICEST));
  } catch {
    // It ended meanwhile, or a sandbox forbids it: all goes on as without.
  }
}
