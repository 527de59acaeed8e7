/** Which octets are keys, and is nothing that comes off the wire able to do more than be refused? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnskeyOf, dsOf, rrsigOf } from '../../src/dns/dnssec-rdata.js';
import { lowerCaseOctets } from '../../src/dns/name.js';
import { concatOctets, type Octets, octetsFrom, octetsFromHex, octetsOf } from '../../src/dns/octets.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { MAX_KEYS_KEPT, publicKeyOf } from '../../src/validator/public-key.js';
import { verifyRrset } from '../../src/validator/verify-rrset.js';
import { verifySignature } from '../../src/validator/verify-signature.js';
import { CountingBudget } from './signature-triples.js';
import { addresses, dnskey, makeKey, NOW, rsaPublicKey, signed, signRrset, ZONE } from './signing.js';

const ALL = [3, 5, 6, 7, 8, 10, 13, 14, 15, 16];
const filled = (count: number, value = 0xff): Octets => octetsOf(Buffer.alloc(count, value));
const E65537 = octetsFrom(1, 0, 1);

describe('RSA keys (RFC 3110 §2, RFC 5702 §2)', () => {
  const accepts = (algorithm: number, publicKey: Octets) => publicKeyOf(dnskey(algorithm, publicKey)) !== undefined;
  const ofOctets = (count: number, exponent = E65537) => rsaPublicKey(exponent, filled(count));

  it('512 to 4096 bits; 1024 at least for RSA/SHA-512', () => {
    for (const algorithm of [5, 7, 8]) {
      expect([63, 64, 512, 513].map((n) => accepts(algorithm, ofOctets(n)))).toEqual([false, true, true, false]);
    }
    expect([127, 128, 512, 513].map((n) => accepts(10, ofOctets(n)))).toEqual([false, true, true, false]);
  });

  it('exponents of 2 to 35 bits, odd', () => {
    const exponents = ['', '01', '02', '03', '010001', '010000', '0100000001', '07ffffffff', '0fffffffff'];
    const accepted = exponents.filter((hex) => accepts(8, ofOctets(128, octetsFromHex(hex)!)));
    expect(accepted).toEqual(['03', '010001', '0100000001', '07ffffffff']);
  });

  it('an exponent with a length of two octets, and zeros in front, are read', () => {
    expect(accepts(8, concatOctets(octetsFrom(0, 0, 3), E65537, filled(128)))).toBe(true);
    expect(accepts(8, concatOctets(octetsFrom(4, 0), E65537, octetsFrom(0), filled(128)))).toBe(true);
    expect(accepts(8, concatOctets(octetsFrom(0, 0xff, 0xff), E65537, filled(128)))).toBe(false);
    expect(accepts(8, concatOctets(octetsFrom(3), E65537, filled(127), octetsFrom(0xfe)))).toBe(false);
  });
});

describe('curves', () => {
  it.each([
    [13, 64],
    [14, 96],
    [15, 32],
    [16, 57],
  ])('algorithm %i: a key of exactly %i octets', (algorithm, size) => {
    const { dnskey: good } = makeKey(algorithm);
    expect(good.publicKey).toHaveLength(size);
    expect(publicKeyOf(good)).toBeDefined();
    expect(publicKeyOf(dnskey(algorithm, concatOctets(good.publicKey, octetsFrom(0))))).toBeUndefined();
    expect(publicKeyOf(dnskey(algorithm, good.publicKey.slice(1) as Octets))).toBeUndefined();
  });

  it('a point that is not on the curve is no key', () => {
    expect(publicKeyOf(dnskey(13, filled(64, 1)))).toBeUndefined();
    expect(publicKeyOf(dnskey(14, filled(96, 1)))).toBeUndefined();
  });
});

describe('keys under which anybody can sign', () => {
  const one = (size: number) => concatOctets(octetsFrom(1), filled(size - 1, 0));
  const orderEight = octetsFromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')!;
  it.each([
    ['Ed25519, the neutral point', 15, one(32)],
    ['Ed25519, of order 2', 15, octetsFromHex(`ec${'ff'.repeat(30)}7f`)!],
    ['Ed25519, of order 4', 15, filled(32, 0)],
    ['Ed25519, of order 8', 15, orderEight],
    ['Ed25519, of order 8, x of the other sign', 15, concatOctets(orderEight.slice(0, 31) as Octets, octetsFrom(0x85))],
    ['Ed448, the neutral point', 16, one(57)],
    ['Ed448, of order 2', 16, octetsFromHex(`fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`)!],
    ['Ed448, of order 4', 16, filled(57, 0)],
  ])('%s, are none', (_, algorithm, publicKey) => {
    const size = publicKey.length;
    // R neutral and S zero hold for every message under the neutral key, for some under the others.
    const forged = concatOctets(one(size), filled(size, 0));
    for (let message = 0; message < 16; message++) {
      const check = verifySignature(dnskey(algorithm, publicKey), forged, Buffer.from([message]));
      expect(check).toBe('unusable key');
    }
  });
});

describe('DSA (RFC 2536), on request', () => {
  // A key of 512 bits (T = 0) and a signature, made for this test; OpenSSL makes no such small ones any more.
  const key = dnskey(
    3,
    octetsOf(
      Buffer.from(
        'ANsJ/7E2QWQ/P+VuLtrPo8yyU3lLtsbL5cKc3eRCn4io52dc0R57aPeDFDnAMPoxcNksbt7xJMXFF5Au5KoJDphRs5/NSvSXanpCLndD7toCpUoqCyH7vdBPxUGe53FPlra8eJ/Ran8mVODRxaE2cRojJw5rqyHqqdPGPx8chHH0WkyeE7dpc9iNKGvv/eFg3JYJt3xEyAPsClG6XuJYYP+q1QYG0C0pYQlRDfO/eYom/Sd7NE/6CO1LJVD1+OMxjQ1cpbkI6SVuI0sX6dfUEKMa6Zif',
        'base64',
      ),
    ),
  );
  const r = '7fe3fcfe8861432600255a2d84e698f530802339';
  const s = '01a3a894183fb50fb3166bdfda993dbb770bab75';
  const data = Buffer.from('signed data');
  const check = (hex: string, octets = data) => verifySignature(key, octetsFromHex(hex)!, octets);

  it('T, r and s side by side', () => {
    expect(check(`00${r}${s}`)).toBe('valid');
    expect(check(`00${r}${s}`, Buffer.from('other data'))).toBe('invalid');
    expect(check(`00${s}${r}`)).toBe('invalid');
    expect(check(`00${r}${s}00`)).toBe('invalid');
    expect(check('00')).toBe('invalid');
  });

  it('r and s in DER, as early signers wrote them', () => {
    expect(check(`302c0214${r}0214${s}`)).toBe('valid');
    expect(check(`302c0214${s}0214${r}`)).toBe('invalid');
  });

  it('T of 9 and other lengths are no key', () => {
    expect(publicKeyOf(dnskey(3, concatOctets(octetsFrom(9), filled(20 + 3 * 136, 1))))).toBeUndefined();
    expect(publicKeyOf(dnskey(3, key.publicKey.slice(0, -1) as Octets))).toBeUndefined();
    expect(publicKeyOf(dnskey(3, '' as Octets))).toBeUndefined();
  });
});

describe('whatever comes off the wire', () => {
  const octets = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => octetsOf(bytes));

  it('RDATA is taken apart or refused', () => {
    fc.assert(
      fc.property(octets(80), (rdata) => {
        expect(rrsigOf(rdata)?.rdata ?? rdata).toBe(rdata);
        expect(dnskeyOf(rdata) === undefined).toBe(rdata.length < 4);
        expect(dsOf(rdata)?.digest.length ?? 0).toBe(Math.max(0, rdata.length - 4));
      }),
    );
  });

  it('no key and no signature makes the check throw or succeed', () => {
    const data = Buffer.from('data');
    const sizes = fc.constantFrom(0, 1, 20, 32, 41, 57, 64, 96, 114, 131, 213, 260);
    const likely = sizes.chain((size) => fc.uint8Array({ minLength: size, maxLength: size })).map((b) => octetsOf(b));
    fc.assert(
      fc.property(fc.constantFrom(...ALL), likely, likely, (algorithm, publicKey, signature) => {
        expect(verifySignature(dnskey(algorithm, publicKey), signature, data)).not.toBe('valid');
      }),
      { numRuns: 300 },
    );
  });

  it('no signature of a real key but its own is taken', () => {
    const keys = [5, 8, 13, 14, 15, 16].map((algorithm) => makeKey(algorithm).dnskey);
    fc.assert(
      fc.property(fc.constantFrom(...keys), octets(140), (key, signature) => {
        expect(verifySignature(key, signature, Buffer.from('data'))).toBe('invalid');
      }),
      { numRuns: 200 },
    );
  });

  it('RRSIG RDATA with anything in place of its octets never makes an RRset secure', () => {
    const key = makeKey(13);
    const rrset = addresses();
    const good = signRrset(rrset, key);
    const edit = fc.tuple(fc.nat({ max: good.length - 1 }), octets(12));
    fc.assert(
      fc.property(edit, ([at, bytes]) => {
        const changed = (good.slice(0, at) + bytes + good.slice(at + bytes.length)) as Octets;
        // The case of the signer's name is no part of what is signed (RFC 4034 §6.2).
        fc.pre(lowerCaseOctets(changed) !== lowerCaseOctets(good));
        const set = signed(rrset, changed);
        const verdict = verifyRrset(set, ZONE, [key.dnskey], NOW, new CountingBudget(), new Algorithms([]));
        expect(verdict.kind).toBe('bogus');
      }),
      { numRuns: 300 },
    );
  });
});

it('keys are kept, within a bound; those in use longer than half of it', () => {
  const first = makeKey(15).dnskey;
  const kept = publicKeyOf(first);
  expect(publicKeyOf(dnskeyOf(first.rdata)!)).toBe(kept);
  const others = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => dnskey(15, octetsOf(Buffer.from(`${from + i}`.padStart(32)))));
  for (const other of others(0, MAX_KEYS_KEPT / 2)) publicKeyOf(other);
  expect(publicKeyOf(first)).toBe(kept);
  for (const other of others(10_000, MAX_KEYS_KEPT)) publicKeyOf(other);
  expect(publicKeyOf(first)).not.toBe(kept);
});
