/** Slots are found by the hash they were added with, and by no other, however many come and go. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntRows } from '../../../src/cache/table/column.js';
import { SlotIndex } from '../../../src/cache/table/slot-index.js';

function found(index: SlotIndex, hash: number): number[] {
  const slots: number[] = [];
  for (let slot = index.firstOf(hash); slot >= 0; slot = index.nextOf(slot)) slots.push(slot);
  return slots.sort((a, b) => a - b);
}

describe('an index of slots', () => {
  it('finds all slots of a hash, whatever was added and removed', () => {
    // Few hashes, alike in their low bits, so that buckets are shared.
    const hash = fc.oneof(
      fc.nat(40),
      fc.nat(6).map((n) => (n << 20) | 0x80000001),
    );
    const step = fc.tuple(fc.boolean(), fc.nat(400), hash);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const index = new SlotIndex(new IntRows(1));
        index.reserve(401);
        const held = new Map<number, number>();
        for (const [isAdded, slot, of] of steps) {
          if (held.has(slot)) {
            index.remove(slot);
            held.delete(slot);
          } else if (isAdded) {
            index.add(slot, of);
            held.set(slot, of);
          }
        }
        expect(index.length).toBe(held.size);
        for (const of of new Set(steps.map(([, , of]) => of))) {
          expect(found(index, of)).toEqual(
            [...held]
              .filter(([, h]) => h === of)
              .map(([slot]) => slot)
              .sort((a, b) => a - b),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('finds each of many', () => {
    const index = new SlotIndex(new IntRows(1));
    index.reserve(50_000);
    const hashOf = (slot: number): number => Math.imul(slot, 0x9e3779b1) >>> 0;
    for (let slot = 0; slot < 50_000; slot++) index.add(slot, hashOf(slot));
    for (let slot = 0; slot < 50_000; slot += 2) index.remove(slot);
    for (let slot = 0; slot < 50_000; slot++) expect(index.firstOf(hashOf(slot))).toBe(slot % 2 === 0 ? -1 : slot);
  });
});
