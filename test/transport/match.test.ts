import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText, wireFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { matchReply, questionEndOf } from '../../src/transport/match.js';
import { encodeQuery } from '../../src/transport/query-octets.js';
import { exampleQuery } from './examples.js';

const name = nameFromText('www.example.com.');
const query = encodeQuery({ ...exampleQuery, name, type: Type.AAAA }, 0xabcd, undefined);
query.latin1Write(wireFromText('wWw.eXample.COM.'), 12);
const end = questionEndOf(name.length);

/** The query turned into a reply, octets changed as given: offset and new value. */
function reply(...changes: readonly (readonly [at: number, octet: number])[]): Buffer {
  const octets = Buffer.from(query);
  octets[2]! |= 0x80;
  for (const [at, octet] of changes) octets[at] = octet;
  return octets;
}

const bareError = (rcode: number) => reply([5, 0], [3, rcode], [11, 0]).subarray(0, 12);

describe('matchReply', () => {
  it('accepts the query itself with QR set', () => {
    expect(matchReply(reply(), query, end, true)).toBe('match');
  });

  it.each([
    ['ID, upper octet', reply([0, 0xaa])],
    ['ID, lower octet', reply([1, 0xcc])],
    ['QR', Buffer.from(query)],
    ['opcode', reply([2, 0x80 | (4 << 3)])],
    ['two questions', reply([5, 2])],
    ['256 questions', reply([4, 1], [5, 0])],
    ['257 questions', reply([4, 1])],
    ['name', reply([14, 0x78])],
    ['length of a label', reply([12, 4])],
    ['type', reply([end - 3, Type.A])],
    ['class', reply([end - 1, 3])],
    ['end inside the question', reply().subarray(0, end - 1)],
    ['end inside the header', reply().subarray(0, 11)],
    ['no octets', Buffer.alloc(0)],
  ])('rejects another: %s', (_, octets) => {
    expect(matchReply(octets, query, end, false)).toBe('other');
  });

  it('tells a different spelling from a different name, and minds it only when asked to', () => {
    const lower = reply([14, 'w'.charCodeAt(0)]);
    expect(matchReply(lower, query, end, true)).toBe('misspelled');
    expect(matchReply(lower, query, end, false)).toBe('match');
  });

  it('does not fold octets of type and class: type 0x41 is not type 0x61', () => {
    const asked = encodeQuery({ ...exampleQuery, name, type: 0x61 }, 1, undefined);
    const answered = Buffer.from(asked);
    answered[2]! |= 0x80;
    answered[end - 3] = 0x41;
    expect(matchReply(answered, asked, end, false)).toBe('other');
  });

  it.each([Rcode.FORMERR, Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED])(
    'accepts error %i as a bare header',
    (rcode) => {
      expect(matchReply(bareError(rcode), query, end, true)).toBe('match');
    },
  );

  it.each([Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.YXDOMAIN])('rejects response code %i as a bare header', (rcode) => {
    expect(matchReply(bareError(rcode), query, end, true)).toBe('other');
  });

  it('rejects an error without question that carries records', () => {
    expect(matchReply(reply([5, 0], [3, Rcode.SERVFAIL], [7, 1]), query, end, true)).toBe('other');
    expect(matchReply(reply([5, 0], [3, Rcode.SERVFAIL], [9, 1]), query, end, true)).toBe('other');
  });

  it('takes any octets and never accepts what differs in ID or question', () => {
    const position = fc.integer({ min: 0, max: end - 1 }).filter((at) => at !== 2 && at !== 3 && !(at >= 6 && at < 12));
    fc.assert(
      fc.property(position, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const octets = reply();
        octets[at]! ^= flip;
        expect(matchReply(octets, query, end, true)).not.toBe('match');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        expect(matchReply(octets, query, end, true)).toBe('other');
      }),
    );
  });
});
