/** When young objects are collected, and that they really are. */
import { once } from 'node:events';
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Marking, youngCollection } from '../../src/cli/young-objects.js';
import { HandClock } from '../transport/hand-clock.js';

const { NODE_PERFORMANCE_GC_INCREMENTAL, NODE_PERFORMANCE_GC_MAJOR, NODE_PERFORMANCE_GC_MINOR } = constants;

function watched() {
  const clock = new HandClock();
  const collected: number[] = [];
  return { clock, collected, marking: new Marking(() => collected.push(clock.now()), clock) };
}

function pass(clock: HandClock, ms: number): void {
  for (let i = 0; i < ms; i++) clock.advance(1);
}

describe('young objects', () => {
  it('are collected from the first step of a marking to its end', () => {
    const { clock, collected, marking } = watched();
    pass(clock, 20);
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    pass(clock, 17);
    marking.heard(NODE_PERFORMANCE_GC_MAJOR);
    pass(clock, 100);
    expect(collected).toEqual([20, 25, 30, 35]);
    expect(clock.pending).toBe(0);
  });

  it('are collected no more often when a marking is heard of twice', () => {
    const { clock, collected, marking } = watched();
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    pass(clock, 7);
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    pass(clock, 5);
    expect(collected).toEqual([0, 5, 10]);
  });

  it('are collected less often when it takes long', () => {
    const clock = new HandClock();
    const took = [3, 1, 4, 1, 1];
    const began: number[] = [];
    const marking = new Marking(() => {
      began.push(clock.now());
      clock.advance(took[began.length - 1] ?? 1);
    }, clock);
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    pass(clock, 32);
    marking.heard(NODE_PERFORMANCE_GC_MAJOR);
    pass(clock, 50);
    // The second began 9 ms after the first had ended, the third 5 after the second, the fourth 12 after the third.
    expect(began).toEqual([0, 12, 18, 34, 40]);
  });

  it('are left alone by collections that mark nothing', () => {
    const { clock, collected, marking } = watched();
    for (const kind of [NODE_PERFORMANCE_GC_MINOR, NODE_PERFORMANCE_GC_MAJOR, undefined]) marking.heard(kind);
    pass(clock, 50);
    expect(collected).toEqual([]);
  });

  it('are left alone again when a marking does not end, and collected in the next', () => {
    const { clock, collected, marking } = watched();
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    pass(clock, 10_000);
    expect(collected).toHaveLength(60);
    expect(clock.pending).toBe(0);
    marking.heard(NODE_PERFORMANCE_GC_INCREMENTAL);
    expect(collected).toHaveLength(61);
  });

  it('are collected, and nothing else is, and the flag is taken back', async () => {
    const collect = youngCollection();
    const kinds = await kindsOfCollections(() => collect?.());
    expect(kinds).toContain(NODE_PERFORMANCE_GC_MINOR);
    expect(kinds).not.toContain(NODE_PERFORMANCE_GC_MAJOR);
    expect(runInNewContext('typeof gc')).toBe('undefined');
  });
});

async function kindsOfCollections(work: () => void): Promise<(number | undefined)[]> {
  const seen: PerformanceEntry[] = [];
  const heard = new EventTarget();
  const observer = new PerformanceObserver((list) => {
    seen.push(...list.getEntries());
    heard.dispatchEvent(new Event('heard'));
  });
  observer.observe({ entryTypes: ['gc'] });
  const first = once(heard, 'heard');
  work();
  await first;
  observer.disconnect();
  return seen.map((entry) => (entry as { detail?: { kind?: number } }).detail?.kind);
}
