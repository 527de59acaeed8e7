/** The ordered map against an array that is sorted anew each time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedMap } from '../../src/cache/ordered-map.js';

const anyKey = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', '\xff'), maxLength: 4 });
const anyStep = fc.tuple(fc.constantFrom('set', 'set', 'delete'), anyKey, fc.nat());

class Naive {
  readonly held = new Map<string, number>();
  sorted(): [string, number][] {
    return [...this.held].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

describe('an ordered map', () => {
  it('finds what a sorted array would, after any series of changes', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.array(anyKey, { minLength: 5 }), (steps, probes) => {
        const map = new OrderedMap<number>();
        const naive = new Naive();
        for (const [what, key, value] of steps) {
          if (what === 'delete') {
            expect(map.delete(key)).toBe(naive.held.delete(key));
          } else {
            map.set(key, value);
            naive.held.set(key, value);
          }
        }
        const sorted = naive.sorted();
        expect([map.size, map.first(), map.last()]).toEqual([sorted.length, sorted[0]?.[1], sorted.at(-1)?.[1]]);
        for (const probe of probes) {
          expect(map.get(probe)).toBe(naive.held.get(probe));
          expect(map.atOrBefore(probe)).toBe(sorted.filter(([key]) => key <= probe).at(-1)?.[1]);
          expect(map.after(probe)).toBe(sorted.find(([key]) => key > probe)?.[1]);
        }
      }),
    );
  });

  it('stays in order over many pieces, put in from any side and taken out again', () => {
    const key = (n: number) => String.fromCharCode(n >>> 8, n & 0xff);
    const map = new OrderedMap<number>();
    // 7919 is prime to 5000, so each number comes once.
    for (let i = 0; i < 5000; i++) map.set(key((i * 7919) % 5000), (i * 7919) % 5000);
    expect(map.size).toBe(5000);
    for (let i = 0; i < 5000; i += 2) map.delete(key(i));
    for (let i = 0; i < 4999; i += 2) {
      expect([map.atOrBefore(key(i)), map.after(key(i))]).toEqual([i === 0 ? undefined : i - 1, i + 1]);
    }
    for (let i = 1; i < 5000; i += 2) map.delete(key(i));
    expect([map.size, map.first(), map.atOrBefore(key(4000))]).toEqual([0, undefined, undefined]);
  });
});
