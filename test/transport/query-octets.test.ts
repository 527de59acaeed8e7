import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edns } from '../../src/dns/message.js';
import { nameFromLabels } from '../../src/dns/name.js';
import type { Octets } from '../../src/dns/octets.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { encodeQuery } from '../../src/transport/query-octets.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { exampleQuery } from './examples.js';

const octets = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((bytes) => Buffer.from(bytes).latin1Slice() as Octets);
const uint16 = fc.integer({ min: 0, max: 0xffff });
const edns: fc.Arbitrary<Edns> = fc.record({
  version: fc.integer({ min: 0, max: 255 }),
  udpSize: uint16,
  dnssecOk: fc.boolean(),
  options: fc.array(fc.record({ code: uint16, data: octets(40) }), { maxLength: 5 }),
});
const query = fc.record({
  name: fc.array(octets(63), { maxLength: 3 }).map(nameFromLabels),
  type: uint16,
  recursionDesired: fc.boolean(),
  checkingDisabled: fc.boolean(),
  edns: fc.option(edns, { nil: undefined }),
});

describe('encodeQuery', () => {
  it('writes what the general encoder writes', () => {
    fc.assert(
      fc.property(query, uint16, ({ name, type, recursionDesired, checkingDisabled, edns }, id) => {
        const asked = { ...exampleQuery, name, type, recursionDesired, checkingDisabled, edns };
        const { bytes } = encodeMessage({
          ...decodeMessage(Buffer.alloc(12)),
          id,
          rd: recursionDesired,
          cd: checkingDisabled,
          questions: [{ name, type, class: 1 }],
          edns,
        });
        expect(encodeQuery(asked, id, undefined).toString('hex')).toBe(bytes.toString('hex'));
      }),
    );
  });

  it('asks the same with a random spelling', () => {
    fc.assert(
      fc.property(query, uint16, (change, id) => {
        const asked = { ...exampleQuery, ...change };
        const plain = decodeMessage(encodeQuery(asked, id, undefined));
        expect(decodeMessage(encodeQuery(asked, id, cryptoRandom))).toEqual(plain);
      }),
    );
  });

  it('refuses options that no message can carry', () => {
    const data = 'x'.repeat(40_000) as Octets;
    const options = [
      { code: 65_001, data },
      { code: 65_002, data },
    ];
    const asked = { ...exampleQuery, edns: { version: 0, udpSize: 1232, dnssecOk: false, options } };
    expect(() => encodeQuery(asked, 1, undefined)).toThrow(RangeError);
  });
});
