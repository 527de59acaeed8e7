/** NSEC and NSEC3 RDATA, and the bitmaps in them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashFromLabel, nsec3Of, nsecOf, TypeBitmap } from '../../src/dns/denial-rdata.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFromHex } from '../../src/dns/octets.js';
import { base32hex } from '../../src/lab/nsec3-hash.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';

const anyOctets = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).latin1Slice() as Octets);
const hex = (text: string) => octetsFromHex(text)!;

describe('TypeBitmap', () => {
  it('has the types it was made of and no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(65535), { maxLength: 20 }), fc.nat(65535), (types, other) => {
        const bitmap = TypeBitmap.at(typeBitMaps(types), 0)!;
        for (const type of types) expect(bitmap.has(type)).toBe(true);
        expect(bitmap.has(other)).toBe(types.includes(other));
        expect(TypeBitmap.NONE.has(other)).toBe(false);
      }),
    );
  });

  it.each([
    ['a window without octets', '0000'],
    ['a window of 33 octets', `0021${'01'.repeat(33)}`],
    ['a window twice', '000140000140'],
    ['windows out of order', '010140000140'],
    ['a window cut short', '000240'],
    ['a window number alone', '00'],
  ])('is malformed with %s', (_, field) => {
    expect(TypeBitmap.at(hex(field), 0)).toBeUndefined();
  });

  it('takes zero octets that should have been left off', () => {
    const bitmap = TypeBitmap.at(hex('00034000000102c000'), 0)!;
    expect([1, 2, 256, 257, 258].map((type) => bitmap.has(type))).toEqual([true, false, true, true, false]);
  });
});

describe('nsecOf and nsec3Of', () => {
  it('read what presentation writes', () => {
    const nsec = nsecOf(rdataFromText(Type.NSEC, 'B.Example. A RRSIG NSEC TYPE1234'))!;
    expect(nsec.next).toBe(nameFromText('b.example.'));
    expect([Type.A, Type.NSEC, 1234, Type.NS].map((type) => nsec.types.has(type))).toEqual([true, true, true, false]);
    const next = '2t7b4g4vsa5smi47k61mv5bv1a22bojr';
    const nsec3 = nsec3Of(rdataFromText(Type.NSEC3, `1 1 12 aabbccdd ${next} MX`))!;
    expect(nsec3).toMatchObject({ algorithm: 1, flags: 1, iterations: 12, salt: hex('aabbccdd'), optOut: true });
    expect(base32hex(nsec3.nextHashed)).toBe(next);
    expect(hashFromLabel(next)).toBe(nsec3.nextHashed);
    expect(nsec3.types.has(Type.MX)).toBe(true);
  });

  it.each([
    ['no name', ''],
    ['a name without end', '0161'],
    ['a compression pointer', 'c00c000140'],
    ['a broken bitmap', '000001'],
  ])('NSEC with %s is malformed', (_, rdata) => {
    expect(nsecOf(hex(rdata))).toBeUndefined();
  });

  const hash = 'ab'.repeat(20);
  it.each([
    ['nothing', ''],
    ['no hash length', '0100000000'],
    ['an empty hash', '010000000000'],
    ['a hash of 19 octets', `010000000013${hash.slice(2)}`],
    ['a hash cut short', `010000000014${hash.slice(2)}`],
    ['a salt cut short', '0100000004aabb'],
    ['a salt of 65 octets', `0100000041${'cd'.repeat(65)}14${hash}`],
    ['a broken bitmap', `010000000014${hash}0001`],
  ])('NSEC3 with %s is malformed', (_, rdata) => {
    expect(nsec3Of(hex(rdata))).toBeUndefined();
  });

  it('take a hash of any length for an algorithm nobody knows, to be ignored by whoever uses it', () => {
    expect(nsec3Of(hex('020000000002abcd'))).toMatchObject({ algorithm: 2, nextHashed: hex('abcd') });
  });

  it('never throw', () => {
    fc.assert(
      fc.property(anyOctets, fc.nat(65535), (rdata, type) => {
        for (const read of [nsecOf(rdata), nsec3Of(rdata)])
          expect([true, false, undefined]).toContain(read?.types.has(type));
        const nsec3 = nsec3Of(rdata);
        if (nsec3 !== undefined)
          expect(5 + nsec3.salt.length + 1 + nsec3.nextHashed.length).toBeLessThanOrEqual(rdata.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hashFromLabel', () => {
  it('undoes base32hex for 20 octets and takes nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const octets = Buffer.from(bytes).latin1Slice() as Octets;
        expect(hashFromLabel(base32hex(octets))).toBe(octets);
      }),
    );
    for (const label of ['', '0'.repeat(31), '0'.repeat(33), `${'0'.repeat(31)}w`, `${'0'.repeat(31)}/`]) {
      expect(hashFromLabel(label)).toBeUndefined();
    }
  });
});
