/** A filter may say yes too often, by chance; it never says no of what is there, and forgets what is there no more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mixed } from '../../../src/cache/key-hash.js';
import { NameFilter } from '../../../src/cache/table/name-filter.js';

const CODES = [...'rnxfd'].map((kind) => kind.charCodeAt(0));
const SMALLEST = 8192;

describe('a filter of names', () => {
  it('never denies what was added and not removed, whatever came and went', () => {
    // Few hashes, alike in their low bits, so that counters are shared and fill up.
    const hash = fc.oneof(
      fc.nat(3),
      fc.nat(6).map((n) => (n << 20) | 0x80000001 | 0),
    );
    const step = fc.tuple(fc.nat(2), fc.constantFrom(...CODES), hash);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const filter = new NameFilter(SMALLEST);
        const held = new Map<string, number>();
        for (const [turn, code, of] of steps) {
          const count = held.get(`${code} ${of}`) ?? 0;
          if (turn > 0) filter.add(code, of);
          else if (count > 0) filter.remove(code, of);
          held.set(`${code} ${of}`, Math.max(0, turn > 0 ? count + 1 : count - 1));
        }
        for (const [, code, of] of steps) {
          if (held.get(`${code} ${of}`)! > 0) expect(filter.mayHold(code, of)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('knows nothing of what was removed, nor of other kinds', () => {
    const filter = new NameFilter(1 << 20);
    for (const code of CODES) {
      for (let n = 0; n < 14; n++) filter.add(code, 77);
      for (const other of CODES) expect(filter.mayHold(other, 77)).toBe(other === code);
      for (let n = 0; n < 14; n++) filter.remove(code, 77);
      expect(filter.mayHold(code, 77)).toBe(false);
    }
  });

  it('is wrong about a fifth of names at most while each has the room of a small entry', () => {
    const names = 10_000;
    const filter = new NameFilter(names * 260);
    for (let n = 0; n < names; n++) filter.add(CODES[0]!, mixed(n));
    let wrong = 0;
    for (let n = names; n < 2 * names; n++) if (filter.mayHold(CODES[0]!, mixed(n))) wrong++;
    expect(wrong / names).toBeLessThan(0.25);
  });

  it('takes a fiftieth of the memory at most', () => {
    for (const maxBytes of [SMALLEST, 1 << 20, 3_000_000, 1 << 29]) {
      expect(new NameFilter(maxBytes).bytes, `${maxBytes}`).toBeLessThan(maxBytes / 50);
    }
  });
});
