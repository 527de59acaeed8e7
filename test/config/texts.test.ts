/** Addresses, prefixes and sizes as people write them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointFromText, prefixFromText } from '../../src/config/address-text.js';
import { editDistance } from '../../src/config/nearest-key.js';
import { octetsFromSizeText } from '../../src/config/size-text.js';
import { PrefixSet, serverAddress } from '../../src/dns/address.js';

const port = fc.integer({ min: 1, max: 65_535 });

describe('endpoints', () => {
  it('read back what an address is written as', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), port, (address, number) => {
        const server = serverAddress(address, number);
        expect(endpointFromText(server.key, undefined)).toEqual(server);
        expect(endpointFromText(address, number)).toEqual(server);
      }),
    );
  });

  it('any text is an endpoint or a RangeError that says what to write', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[[\]0-9a-f.:%@]{0,30}$/)), (text) => {
        try {
          expect(endpointFromText(text, 53).port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect((error as Error).message).toContain('write');
        }
      }),
    );
  });

  it.each([
    ['192.0.2.1', undefined, /has no port/],
    ['[::1]', undefined, /has no port/],
    ['192.0.2.1:0', 53, /from 1 to 65535/],
    ['192.0.2.1:', 53, /is not a port/],
    ['192.0.2.1:53x', 53, /is not a port/],
    ['[192.0.2.1]:53', 53, /is not an IP address/],
    ['fe80::1%eth0', 53, /with an interface/],
    ['example.com:53', 53, /names are not looked up here/],
  ])('%s is refused', (text, defaultPort, message) => {
    expect(() => endpointFromText(text, defaultPort)).toThrow(message);
  });

  it('port 0 is for listening only', () => {
    expect(endpointFromText('127.0.0.1:0', undefined, true).port).toBe(0);
  });
});

describe('prefixes', () => {
  it.each(['192.0.2.0/24', '192.0.2.1', '::/0', '2001:db8::/32'])('%s is kept as written', (text) => {
    expect(prefixFromText(text)).toBe(text);
    expect(() => new PrefixSet([text])).not.toThrow();
  });

  it.each(['192.0.2.0/33', '192.0.2/24', '::/129', '', '/8', '10.0.0.0/8/8', '::ffff:10.0.0.0/104', 'fe80::%eth0/64'])(
    '"%s" is refused',
    (text) => {
      expect(() => prefixFromText(text)).toThrow(RangeError);
    },
  );
});

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['256MiB', 268_435_456],
    ['256M', 268_435_456],
    ['512MB', 512_000_000],
    ['1.5 GiB', 1_610_612_736],
    ['1tb', 1e12],
    ['7b', 7],
  ])('%s', (text, octets) => {
    expect(octetsFromSizeText(text)).toBe(octets);
  });

  it.each(['', 'MiB', '-1', '1e9', '1 XB', '1,5MB', '0x10', 'constructor'])('"%s" is refused', (text) => {
    expect(() => octetsFromSizeText(text)).toThrow(RangeError);
  });
});

describe('edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['kitten', 'sitting', 3],
    ['abc', 'xyz', 3],
  ])('%s to %s', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance);
  });

  it('is the same both ways and stops at its bound', () => {
    const word = fc.stringMatching(/^[abc]{0,8}$/);
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 10 }), (a, b, bound) => {
        expect(editDistance(a, b, bound)).toBe(editDistance(b, a, bound));
        expect(editDistance(a, b, bound)).toBe(Math.min(editDistance(a, b, 99), bound));
      }),
    );
  });
});
