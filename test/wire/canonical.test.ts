import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText, wireFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { bytesOf, concatOctets, type Octets, octets16, octetsFrom } from '../../src/dns/octets.js';
import { canonicalRdata, canonicalRdatas } from '../../src/wire/canonical.js';
import { octets, rdataOf } from './generated-messages.js';

const SPELLED = wireFromText('NS.Example.COM.');
const LOWER: Octets = nameFromText('ns.example.com.');

describe('canonical RDATA (RFC 4034 §6.2)', () => {
  it.each([
    ['NS', Type.NS, SPELLED, LOWER],
    ['MX', Type.MX, concatOctets(octets16(0x4141), SPELLED), concatOctets(octets16(0x4141), LOWER)],
    ['SRV', Type.SRV, concatOctets('ABCDEF' as Octets, SPELLED), concatOctets('ABCDEF' as Octets, LOWER)],
    [
      'RRSIG, its signature untouched',
      Type.RRSIG,
      concatOctets('A'.repeat(18) as Octets, SPELLED, 'SIG' as Octets),
      concatOctets('A'.repeat(18) as Octets, LOWER, 'SIG' as Octets),
    ],
    [
      'NAPTR, its strings untouched',
      Type.NAPTR,
      concatOctets('AAAA' as Octets, '\x01S\x03SIP\0' as Octets, SPELLED),
      concatOctets('AAAA' as Octets, '\x01S\x03SIP\0' as Octets, LOWER),
    ],
  ] as const)('has names in lower case in %s', (_, type, rdata, canonical) => {
    expect(canonicalRdata(type, rdata)).toBe(canonical);
  });

  it.each([
    ['NSEC, whose next name keeps its letters (RFC 6840 §5.1)', Type.NSEC, concatOctets(SPELLED, octetsFrom(0, 1, 64))],
    ['TXT', Type.TXT, '\x03ABC' as Octets],
    ['SVCB, which came after the list', Type.SVCB, concatOctets(octets16(1), SPELLED)],
    ['MX that is malformed', Type.MX, 'A\x05AB' as Octets],
  ] as const)('leaves %s', (_, type, rdata) => {
    expect(canonicalRdata(type, rdata)).toBe(rdata);
  });

  it('has the same length, and is its own canonical form', () => {
    const typed = fc
      .constantFrom<number>(...Object.values(Type))
      .chain((type) => fc.record({ type: fc.constant(type), rdata: rdataOf(type, Class.IN) }));
    fc.assert(
      fc.property(typed, ({ type, rdata }) => {
        const canonical = canonicalRdata(type, rdata);
        expect(canonical).toHaveLength(rdata.length);
        expect(canonicalRdata(type, canonical)).toBe(canonical);
      }),
    );
  });
});

describe('canonical order (RFC 4034 §6.3)', () => {
  it('is that of unsigned octets from the left, a missing octet first', () => {
    fc.assert(
      fc.property(fc.uniqueArray(octets(0, 4)), (rdatas) => {
        const expected = rdatas.map(bytesOf).sort(Buffer.compare);
        expect(canonicalRdatas(Type.TXT, rdatas).map(bytesOf)).toEqual(expected);
      }),
    );
  });

  it('has no two records that differ in the spelling of a name only', () => {
    expect(canonicalRdatas(Type.NS, [SPELLED, LOWER])).toEqual([LOWER]);
  });
});
