/** What does JSON output say of a record? */
import { describe, expect, it } from 'vitest';
import { typeFromText } from '../../src/dns/numbers.js';
import type { Octets } from '../../src/dns/octets.js';
import { rdataToFields } from '../../src/presentation/rdata-fields.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';

const fields = (type: string, text: string): unknown => {
  const code = typeFromText(type)!;
  return rdataToFields(code, rdataFromText(code, text));
};

describe('fields', () => {
  it.each([
    ['A', '192.0.2.1', { address: '192.0.2.1' }],
    ['MX', '10 mail.example.', { preference: 10, exchange: 'mail.example.' }],
    ['TXT', '"a \\"b\\" \\\\" "\\200"', { strings: ['a "b" \\\\', '\\200'] }],
    ['ISDN', '150862028003217', { isdnAddress: '150862028003217', subaddress: undefined }],
    [
      'SOA',
      'ns. root. 1 2 3 4 5',
      { mname: 'ns.', rname: 'root.', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
    ],
    ['CERT', 'PKIX 1 8 AA==', { certificateType: 1, keyTag: 1, algorithm: 8, certificate: 'AA==' }],
    ['NSEC', 'a. NS TYPE65280', { nextDomainName: 'a.', types: ['NS', 'TYPE65280'] }],
    ['NSEC3PARAM', '1 0 0 -', { hashAlgorithm: 1, flags: 0, iterations: 0, salt: '' }],
    [
      'LOC',
      '42 30 N 71 0 36 W -24m',
      {
        latitude: 42.5,
        longitude: -71.01,
        altitude: -24,
        size: 1,
        horizontalPrecision: 10_000,
        verticalPrecision: 10,
      },
    ],
    ['AMTRELAY', '10 1 1 192.0.2.1', { precedence: 10, discoveryOptional: 1, relayType: 1, relay: '192.0.2.1' }],
    ['WKS', '192.0.2.1 6 25 53', { address: '192.0.2.1', protocol: 6, ports: [25, 53] }],
    [
      'HTTPS',
      '1 . alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.1 key9999=x mandatory=port',
      {
        priority: 1,
        target: '.',
        params: {
          mandatory: ['port'],
          alpn: ['h2', 'h3'],
          'no-default-alpn': true,
          port: 8443,
          ipv4hint: ['192.0.2.1'],
          key9999: 'x',
        },
      },
    ],
    ['TYPE65280', '\\# 2 0aff', { hex: '0AFF' }],
    ['A', '\\# 2 0aff', { hex: '0AFF' }],
  ])('%s %s', (type, text, expected) => {
    expect(fields(type, text)).toEqual(expected);
  });

  it('a malformed value of one SvcParam leaves the others readable', () => {
    const rdata = '\0\x01\0\0\x03\0\x01x\0\x08\0\0' as Octets;
    expect(rdataToFields(64, rdata)).toEqual({ priority: 1, target: '.', params: { key3: 'x', ohttp: true } });
  });
});
