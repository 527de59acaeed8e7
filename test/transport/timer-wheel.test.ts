import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TimerWheel } from '../../src/transport/timer-wheel.js';

let wheel: TimerWheel;
let ran: string[];
const run = (name: string) => () => void ran.push(`${name} at ${Math.round(performance.now() - start)}`);
let start: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  ran = [];
  start = performance.now();
  wheel = new TimerWheel(() => performance.now());
});
afterEach(() => void vi.useRealTimers());

/** Each name with the milliseconds it ran late. */
const lateness = (wanted: Record<string, number>) =>
  ran.map((line) => {
    const [name, at] = line.split(' at ') as [string, string];
    return [name, Number(at) - wanted[name]!];
  });

describe('timers on the wheel', () => {
  it('run in the order of their time, never early and hardly late', () => {
    const wanted: Record<string, number> = {};
    for (let i = 0; i < 200; i++) {
      const delay = (i * 1237) % 4500;
      wanted[`t${i}`] = delay;
      wheel.schedule(delay, run(`t${i}`));
    }
    vi.advanceTimersByTime(10_000);
    expect(ran).toHaveLength(200);
    for (const [, late] of lateness(wanted)) {
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(8);
    }
  });

  it('do not run once cancelled, alone or beside others, before or from an action', () => {
    const cancels = [10, 10, 10, 3000].map((delay, i) => wheel.schedule(delay, run(`t${i}`)));
    cancels[1]!();
    cancels[1]!();
    wheel.schedule(5, () => cancels[2]!());
    wheel.schedule(5, () => cancels[3]!());
    vi.advanceTimersByTime(10_000);
    expect(ran.map((line) => line.split(' ')[0])).toEqual(['t0']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be set by the action of the last one, for now and for later', () => {
    wheel.schedule(100, () => {
      wheel.schedule(0, run('now'));
      wheel.schedule(4000, run('later'));
    });
    vi.advanceTimersByTime(112);
    expect(ran.map((line) => line.split(' ')[0])).toEqual(['now']);
    vi.advanceTimersByTime(3980);
    expect(ran).toHaveLength(1);
    vi.advanceTimersByTime(30);
    expect(ran).toHaveLength(2);
  });

  it('run although the action before them threw', () => {
    wheel.schedule(20, () => {
      throw new Error('of an action');
    });
    wheel.schedule(20, run('beside'));
    wheel.schedule(40, run('behind'));
    expect(() => vi.advanceTimersByTime(30)).toThrow('of an action');
    vi.advanceTimersByTime(30);
    expect(ran.map((line) => line.split(' ')[0])).toEqual(['beside', 'behind']);
  });

  it('are all run when the process was busy for longer than a turn', () => {
    for (let delay = 0; delay < 4000; delay += 100) wheel.schedule(delay, run(`t${delay}`));
    vi.spyOn(performance, 'now').mockReturnValue(start + 60_000);
    vi.advanceTimersByTime(5);
    expect(ran).toHaveLength(40);
    wheel.schedule(50, run('after'));
    vi.spyOn(performance, 'now').mockReturnValue(start + 60_100);
    vi.advanceTimersByTime(100);
    expect(ran).toHaveLength(41);
  });

  it('leave the process to others after each millisecond of many that are due at once', () => {
    let now = start;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const long = (name: string) => () => {
      ran.push(name);
      now += 0.6;
    };
    for (let i = 0; i < 5; i++) wheel.schedule(20, long(`t${i}`));
    now += 60;
    vi.advanceTimersByTime(24);
    expect(ran).toEqual(['t0', 't1']);
    wheel.schedule(0, () => ran.push('set meanwhile'));
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['t0', 't1', 't2', 't3']);
    now += 8;
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['t0', 't1', 't2', 't3', 't4', 'set meanwhile']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be months away', () => {
    const days = 86_400_000;
    wheel.schedule(60 * days, run('far'));
    const cancel = wheel.schedule(60 * days, run('cancelled'));
    vi.advanceTimersByTime(30 * days);
    cancel();
    vi.advanceTimersByTime(29 * days);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(2 * days);
    expect(ran).toEqual([`far at ${60 * days}`]);
  });

  it('are one timer of Node, set anew only for what comes earlier', () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    wheel.schedule(50, run('first'));
    for (let i = 0; i < 100; i++) wheel.schedule(60 + i, run('later'))();
    expect(set).toHaveBeenCalledTimes(1);
    wheel.schedule(20, run('earlier'));
    expect(set).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(1);
  });
});
