import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRing, RingReader, RingWriter } from '../../src/server/fronts/octet-ring.js';

const CAPACITY = 65_536;

function ends(memory = newRing(CAPACITY)) {
  return { writer: new RingWriter(memory), reader: new RingReader(memory) };
}

function write(writer: RingWriter, length: number, fill: number): boolean {
  const at = writer.claim(length);
  if (at === -1) return false;
  writer.octets.fill(fill, at, at + length);
  writer.publish();
  return true;
}

function read(reader: RingReader): Buffer | undefined {
  const at = reader.next();
  if (at === -1) return undefined;
  const record = Buffer.from(reader.octets.subarray(at, at + reader.length));
  reader.release();
  return record;
}

describe('a ring of octets', () => {
  it('gives back what was written, whole and in order, however writing and reading take turns', () => {
    const step = fc.oneof(
      fc.record({ length: fc.integer({ min: 0, max: 9000 }), fill: fc.integer({ min: 0, max: 255 }) }),
      fc.constant('read' as const),
    );
    // Positions wrap at 2^32, and change their sign at 2^31.
    const start = fc.constantFrom(0, 2 ** 31 - CAPACITY, -CAPACITY);
    fc.assert(
      fc.property(start, fc.array(step, { maxLength: 200 }), (position, steps) => {
        const memory = newRing(CAPACITY);
        const words = new Int32Array(memory);
        words[0] = position;
        words[16] = position;
        const { writer, reader } = ends(memory);
        const waiting: Buffer[] = [];
        for (const next of steps) {
          if (next === 'read') expect(read(reader)).toEqual(waiting.shift());
          else if (write(writer, next.length, next.fill)) waiting.push(Buffer.alloc(next.length, next.fill));
        }
        for (const record of waiting) expect(read(reader)).toEqual(record);
        expect(read(reader)).toBeUndefined();
      }),
    );
  });

  it('takes nothing that does not fit, and takes it when there is room again', () => {
    const { writer, reader } = ends();
    let count = 0;
    while (write(writer, 1000, count)) count++;
    expect(count).toBe(Math.floor(CAPACITY / 1008));
    expect(read(reader)?.[0]).toBe(0);
    expect(write(writer, 1000, 99)).toBe(true);
    expect(write(writer, 1000, 99)).toBe(false);
  });

  it('shows a record only once it is whole', () => {
    const { writer, reader } = ends();
    expect(writer.claim(10)).toBeGreaterThan(0);
    expect(reader.next()).toBe(-1);
    writer.publish();
    expect(reader.next()).toBeGreaterThan(0);
    expect(reader.length).toBe(10);
  });
});
