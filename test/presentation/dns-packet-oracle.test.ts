/**
 * dns-packet as a second opinion: for the types it knows, the octets it makes of values must be the octets made here of
 * the same values as text, and the fields shown here must be those values again.
 * Names are host names and strings ASCII, since it takes both for text and does not survive others.
 */
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typeFromText, typeToText } from '../../src/dns/numbers.js';
import { hexOf, type Octets } from '../../src/dns/octets.js';
import { rdataToFields } from '../../src/presentation/rdata-fields.js';
import { rdataFromText, rdataToText } from '../../src/presentation/rdata-text.js';

/** One record in three shapes. */
interface Example {
  readonly text: string;
  /** What dns-packet takes. */
  readonly data: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

const uint8 = fc.integer({ min: 0, max: 255 });
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join('.')}.`);
const blob = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const ascii = fc.stringMatching(/^[a-zA-Z0-9 ;()@$.:=]{0,30}$/);
const address = fc.ipV6().map((text) => rdataToText(28, rdataFromText(28, text)));
const types = fc.uniqueArray(fc.constantFrom('A', 'NS', 'SOA', 'MX', 'TXT', 'AAAA', 'DS', 'RRSIG', 'NSEC', 'CAA'));

const quoted = (text: string): string => `"${text}"`;
const inOrder = (names: readonly string[]): string[] => [...names].sort((a, b) => typeFromText(a)! - typeFromText(b)!);
const upperHex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();
const words = (...values: readonly unknown[]): string => values.join(' ');

/** A type with one name that dns-packet takes as a string. */
const named = (field: string): fc.Arbitrary<Example> =>
  host.map((data) => ({ text: data, data: data.slice(0, -1), fields: { [field]: data } }));

const digest = fc.record({ keyTag: uint16, algorithm: uint8, digestType: uint8, digest: blob }).map((data) => ({
  text: words(data.keyTag, data.algorithm, data.digestType, data.digest.toString('hex')),
  data,
  fields: { ...data, digest: upperHex(data.digest) },
}));

const examples: Readonly<Record<string, fc.Arbitrary<Example>>> = {
  A: fc.ipV4().map((data) => ({ text: data, data, fields: { address: data } })),
  AAAA: address.map((data) => ({ text: data, data, fields: { address: data } })),
  NS: named('nsdname'),
  CNAME: named('cname'),
  DNAME: named('target'),
  PTR: named('ptrdname'),
  MX: fc.tuple(uint16, host).map(([preference, exchange]) => ({
    text: words(preference, exchange),
    data: { preference, exchange },
    fields: { preference, exchange },
  })),
  TXT: fc.array(ascii, { minLength: 1, maxLength: 3 }).map((strings) => ({
    text: words(...strings.map(quoted)),
    // A copy: dns-packet turns the strings into buffers where they stand.
    data: [...strings],
    fields: { strings },
  })),
  HINFO: fc.tuple(ascii, ascii).map(([cpu, os]) => ({
    text: words(quoted(cpu), quoted(os)),
    data: { cpu, os },
    fields: { cpu, os },
  })),
  RP: fc
    .tuple(host, host)
    .map(([mbox, txt]) => ({ text: words(mbox, txt), data: { mbox, txt }, fields: { mbox, txt } })),
  SRV: fc.record({ priority: uint16, weight: uint16, port: uint16, target: host }).map((data) => ({
    text: words(data.priority, data.weight, data.port, data.target),
    data,
    fields: data,
  })),
  SOA: fc
    .record({
      mname: host,
      rname: host,
      serial: uint32,
      refresh: uint32,
      retry: uint32,
      expire: uint32,
      minimum: uint32,
    })
    .map((data) => ({
      text: words(data.mname, data.rname, data.serial, data.refresh, data.retry, data.expire, data.minimum),
      data,
      fields: data,
    })),
  NAPTR: fc
    .record({ order: uint16, preference: uint16, flags: ascii, services: ascii, regexp: ascii, replacement: host })
    .map((data) => ({
      text: words(
        data.order,
        data.preference,
        quoted(data.flags),
        quoted(data.services),
        quoted(data.regexp),
        data.replacement,
      ),
      data,
      fields: data,
    })),
  CAA: fc.tuple(fc.stringMatching(/^[a-z0-9]{1,15}$/), ascii).map(([tag, value]) => ({
    text: words(0, tag, quoted(value)),
    data: { flags: 0, tag, value },
    fields: { flags: 0, tag, value },
  })),
  DS: digest,
  SSHFP: fc.record({ algorithm: uint8, fingerprint: fc.uint8Array({ minLength: 20, maxLength: 20 }) }).map((data) => ({
    text: words(data.algorithm, 1, Buffer.from(data.fingerprint).toString('hex')),
    data: { algorithm: data.algorithm, hash: 1, fingerprint: Buffer.from(data.fingerprint).toString('hex') },
    fields: { algorithm: data.algorithm, fingerprintType: 1, fingerprint: upperHex(Buffer.from(data.fingerprint)) },
  })),
  TLSA: fc.record({ usage: uint8, selector: uint8, matchingType: uint8, certificate: blob }).map((data) => ({
    text: words(data.usage, data.selector, data.matchingType, data.certificate.toString('hex')),
    data,
    fields: {
      usage: data.usage,
      selector: data.selector,
      matchingType: data.matchingType,
      data: upperHex(data.certificate),
    },
  })),
  DNSKEY: fc.record({ flags: uint16, algorithm: uint8, key: blob }).map((data) => ({
    text: words(data.flags, 3, data.algorithm, data.key.toString('base64')),
    data,
    fields: { flags: data.flags, protocol: 3, algorithm: data.algorithm, publicKey: data.key.toString('base64') },
  })),
  RRSIG: fc
    .record({
      typeCovered: fc.constantFrom('A', 'SOA', 'NSEC3'),
      algorithm: uint8,
      labels: uint8,
      originalTTL: uint32,
      expiration: uint32,
      inception: uint32,
      keyTag: uint16,
      signersName: host,
      signature: blob,
    })
    .map((data) => ({
      text: words(
        data.typeCovered,
        data.algorithm,
        data.labels,
        data.originalTTL,
        data.expiration,
        data.inception,
        data.keyTag,
        data.signersName,
        data.signature.toString('base64'),
      ),
      data,
      fields: { typeCovered: data.typeCovered, keyTag: data.keyTag, signature: data.signature.toString('base64') },
    })),
  NSEC: fc.tuple(host, types).map(([nextDomain, rrtypes]) => ({
    text: words(nextDomain, ...rrtypes),
    data: { nextDomain, rrtypes },
    fields: { nextDomainName: nextDomain, types: inOrder(rrtypes) },
  })),
  NSEC3: fc.record({ algorithm: uint8, flags: uint8, iterations: uint16, salt: blob, rrtypes: types }).map((data) => {
    // No hash: base32hex is this project's own here, and dns-packet has none to compare with.
    const nextDomain = Buffer.from('f00ba4', 'hex');
    return {
      text: words(data.algorithm, data.flags, data.iterations, data.salt.toString('hex'), 'U05Q8', ...data.rrtypes),
      data: { ...data, nextDomain },
      fields: { iterations: data.iterations, salt: upperHex(data.salt), types: inOrder(data.rrtypes) },
    };
  }),
};

/** RDATA as dns-packet writes it: after a header of 12 octets and the root, type, class, TTL and length of the record. */
function rdataByDnsPacket(type: string, data: unknown): Octets {
  const answer = { type, name: '.', ttl: 0, class: 'IN', data } as unknown as dnsPacket.Answer;
  return dnsPacket.encode({ type: 'response', answers: [answer] }).latin1Slice(12 + 11) as Octets;
}

describe('dns-packet agrees on', () => {
  it.each(Object.keys(examples))('%s', (name) => {
    const type = typeFromText(name)!;
    expect(typeToText(type)).toBe(name);
    fc.assert(
      fc.property(examples[name]!, ({ text, data, fields }) => {
        const rdata = rdataByDnsPacket(name, data);
        expect(hexOf(rdataFromText(type, text))).toBe(hexOf(rdata));
        expect(rdataToFields(type, rdata)).toMatchObject(fields);
      }),
      { numRuns: 100 },
    );
  });
});
