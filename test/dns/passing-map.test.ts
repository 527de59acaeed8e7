import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PassingMap } from '../../src/dns/passing-map.js';

test('what comes and goes is held as in a Map, however often it is laid out anew', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 2000, max: 6000 }), (held, additions) => {
      const map = new PassingMap<number, string>();
      const model = new Map<number, string>();
      for (let i = 0; i < additions; i++) {
        map.set(i, `v${i}`);
        model.set(i, `v${i}`);
        expect(map.delete(i - held)).toBe(model.delete(i - held));
      }
      expect([...map.values()]).toEqual([...model.values()]);
      expect(map.size).toBe(model.size);
      expect(map.has(additions - 1)).toBe(true);
      expect(map.get(additions - held - 1)).toBe(undefined);
    }),
    { numRuns: 20 },
  );
});
