import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrefixSet } from '../../src/dns/address.js';
import { Type } from '../../src/dns/numbers.js';
import { type Octets, octetsOf } from '../../src/dns/octets.js';
import { isPrivateRdata } from '../../src/policy/private-addresses.js';
import { recordFromText } from '../../src/presentation/record-text.js';

const prefixes = new PrefixSet(['10.0.0.0/8', '192.168.0.0/16', 'fd00::/8']);

const isPrivate = (line: string): boolean => {
  const { type, rdata } = recordFromText(line);
  return isPrivateRdata(prefixes, type, rdata);
};

describe('private addresses', () => {
  it.each([
    ['x. A 10.1.2.3', true],
    ['x. A 11.1.2.3', false],
    ['x. AAAA fd00::1', true],
    ['x. AAAA ::ffff:192.168.0.1', true],
    ['x. AAAA 2001:db8::1', false],
    ['x. HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,10.0.0.1', true],
    ['x. HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1', false],
    ['x. SVCB 1 svc.example. port=53 ipv6hint=2001:db8::1,fd00::2', true],
    ['x. SVCB 0 svc.example.', false],
    ['x. TXT "10.0.0.1"', false],
    ['x. NS ns.example.', false],
  ])('%s', (line, expected) => {
    expect(isPrivate(line)).toBe(expected);
  });

  it('of a cut SVCB record the hints that are there are judged', () => {
    const { rdata } = recordFromText('x. HTTPS 1 . ipv4hint=192.0.2.1,10.0.0.1 ipv6hint=2001:db8::1');
    expect(isPrivateRdata(prefixes, Type.HTTPS, rdata.slice(0, -20) as Octets)).toBe(true);
    expect(isPrivateRdata(prefixes, Type.HTTPS, rdata.slice(0, 12) as Octets)).toBe(false);
  });

  it('any octets give an answer, and nothing is private without prefixes', () => {
    const type = fc.constantFrom(Type.A, Type.AAAA, Type.SVCB, Type.HTTPS, Type.MX);
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 80 }), (kind, bytes) => {
        const rdata = octetsOf(bytes);
        expect(typeof isPrivateRdata(prefixes, kind, rdata)).toBe('boolean');
        expect(isPrivateRdata(new PrefixSet([]), kind, rdata)).toBe(false);
      }),
    );
  });
});
