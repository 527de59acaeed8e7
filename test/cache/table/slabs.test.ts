/** Records keep their octets wherever they are moved to, and holes take no more than their part of the memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { footprintOf, LONGEST_RECORD, MOST_OCTETS, Slabs, slabOctetsFor } from '../../../src/cache/table/slabs.js';

const SLAB = 1 << 14;

/** Slabs beside what each owner wrote. */
class Watched {
  readonly places = new Map<number, number>();
  readonly written = new Map<number, Buffer>();
  readonly slabs = new Slabs(SLAB, (owner, place) => this.places.set(owner, place));
  #next = 0;

  add(length: number): number {
    const owner = this.#next++;
    const place = this.slabs.add(owner, length);
    const octets = Buffer.alloc(length, `${owner}.`);
    octets.copy(this.slabs.octetsOf(place), this.slabs.startOf(place));
    this.places.set(owner, place);
    this.written.set(owner, octets);
    return owner;
  }

  free(owner: number): void {
    this.slabs.free(this.places.get(owner)!);
    this.places.delete(owner);
    this.written.delete(owner);
  }

  check(): void {
    for (const [owner, octets] of this.written) {
      const place = this.places.get(owner)!;
      const start = this.slabs.startOf(place);
      expect(this.slabs.lengthOf(place)).toBe(octets.length);
      expect(octets.compare(this.slabs.octetsOf(place), start, start + octets.length)).toBe(0);
    }
  }
}

/** Whether V8 counts the slab that a new record is in; others then fill it. */
function isCounted(watched: Watched): boolean {
  const owner = watched.add(SLAB / 4 - 8);
  for (let i = 0; i < 3; i++) watched.add(SLAB / 4 - 8);
  return watched.slabs.octetsOf(watched.places.get(owner)!).buffer instanceof ArrayBuffer;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  setFlagsFromString('--no-expose-gc');
}

describe('slabs', () => {
  it('are of memory that V8 does not count, but as long as such that was dropped is not collected', async () => {
    const watched = new Watched();
    const counted = (slabs: number) => Array.from({ length: slabs }, () => isCounted(watched));
    expect(counted(10)).toEqual(new Array(10).fill(false));
    for (const owner of [...watched.places.keys()]) watched.free(owner);
    const spare = 4;
    expect(counted(spare + 3)).toEqual([...new Array(spare).fill(false), true, true, true]);
    await vi.waitFor(() => {
      collectGarbage();
      expect(isCounted(watched)).toBe(false);
    });
    expect(watched.slabs.octetsOf(watched.slabs.add(0, SLAB)).buffer).toBeInstanceOf(ArrayBuffer);
    watched.check();
  });

  it('keep every record until it is freed, whatever came and went meanwhile', () => {
    const step = fc.record({
      length: fc.oneof(fc.nat(300), fc.nat(9000), fc.nat(40_000)),
      frees: fc.array(fc.nat(), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const watched = new Watched();
        for (const { length, frees } of steps) {
          watched.add(length);
          for (const pick of frees) {
            const owners = [...watched.places.keys()];
            if (owners.length > 0) watched.free(owners[pick % owners.length]!);
          }
        }
        watched.check();
        const live = [...watched.written.values()].reduce((sum, { length }) => sum + ((8 + length + 7) & ~7), 0);
        expect(watched.slabs.live).toBe(live);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['of one size', (_: number) => 100, 1.2],
    ['of sizes that change', (n: number) => (n < 30_000 ? 40 : 900), 1.2],
    ['of which few are large', (n: number) => (n % 50 === 0 ? 4000 : 60), 1.34],
    ['just longer than half a slab', (_: number) => SLAB / 2 + 100, 1.2],
    ['of which few are longer than a slab', (n: number) => (n % 100 === 0 ? 2 * SLAB : 60), 1.34],
  ])('hold little more than what lives in them: records %s, freed by chance', (_, lengthOf, most) => {
    const watched = new Watched();
    const owners: number[] = [];
    let chance = 12_345;
    let highest = 0;
    for (let n = 0; n < 60_000; n++) {
      owners.push(watched.add(lengthOf(n)));
      chance = (Math.imul(chance, 1_103_515_245) + 12_345) & 0x7fffffff;
      while (watched.slabs.live > 600_000) {
        const at = chance % owners.length;
        watched.free(owners[at]!);
        owners[at] = owners.at(-1)!;
        owners.pop();
        chance = (Math.imul(chance, 1_103_515_245) + 12_345) & 0x7fffffff;
      }
      highest = Math.max(highest, watched.slabs.held);
    }
    watched.check();
    expect(highest).toBeLessThan(600_000 * most + 3 * SLAB);
  });

  it('give memory back once all of it is freed', () => {
    const watched = new Watched();
    const owners = Array.from({ length: 5000 }, () => watched.add(100));
    for (const owner of owners) watched.free(owner);
    expect([watched.slabs.live, watched.slabs.held <= SLAB]).toEqual([0, true]);
  });

  it('write again on slabs that fell empty', () => {
    const watched = new Watched();
    const owners = Array.from({ length: 1000 }, () => watched.add(100));
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    for (let n = 0; n < 20_000; n++) {
      watched.free(owners[n]!);
      owners.push(watched.add(100));
    }
    expect(allocate.mock.calls.length).toBeLessThan(5);
    allocate.mockRestore();
  });

  it('can tell all places apart that a cache of the largest size needs', () => {
    const places = 2 ** 15;
    for (const octets of [2 ** 28, 2 ** 30, 2 ** 30 + 1, MOST_OCTETS]) {
      expect(slabOctetsFor(octets) * places, `${octets}`).toBeGreaterThanOrEqual(2 * octets);
    }
  });

  it('take a record of the greatest length', () => {
    const watched = new Watched();
    for (const length of [10, LONGEST_RECORD, 10]) watched.add(length);
    watched.check();
  });

  it('are of a size that suits the budget', () => {
    expect([100, 2 ** 20, 2 ** 22, 2 ** 40].map(slabOctetsFor)).toEqual([2 ** 14, 2 ** 14, 2 ** 16, 2 ** 20]);
    expect(footprintOf(92)).toBe(125);
  });
});
