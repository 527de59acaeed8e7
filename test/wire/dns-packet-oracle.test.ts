/**
 * dns-packet as a second opinion. It knows nothing of this folder: what it writes is read here, what is written here it
 * reads. Names are host names, since it takes names for text and does not survive others.
 */
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { typeToText } from '../../src/dns/numbers.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, 'example', 'com'].join('.'));
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const blob = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const ascii = fc.stringMatching(/^[a-z ]{1,20}$/);

const dataOf = {
  A: fc.ipV4(),
  AAAA: fc.tuple(uint16, uint16).map(([a, b]) => `2001:db8:${(a | 1).toString(16)}::${(b | 1).toString(16)}`),
  NS: host,
  CNAME: host,
  DNAME: host,
  PTR: host,
  MX: fc.record({ preference: uint16, exchange: host }),
  TXT: fc.array(blob, { minLength: 1, maxLength: 3 }),
  SRV: fc.record({ priority: uint16, weight: uint16, port: uint16, target: host }),
  SOA: fc.record({
    mname: host,
    rname: host,
    serial: uint32,
    refresh: uint32,
    retry: uint32,
    expire: uint32,
    minimum: uint32,
  }),
  RP: fc.record({ mbox: host, txt: host }),
  NAPTR: fc.record({
    order: uint16,
    preference: uint16,
    flags: ascii,
    services: ascii,
    regexp: ascii,
    replacement: host,
  }),
  DS: fc.record({ keyTag: uint16, algorithm: fc.constant(8), digestType: fc.constant(2), digest: blob }),
  DNSKEY: fc.record({ flags: uint16, algorithm: fc.constant(8), key: blob }),
  NSEC: fc.record({ nextDomain: host, rrtypes: fc.constant(['A', 'NS', 'RRSIG']) }),
  RRSIG: fc.record({
    typeCovered: fc.constant('A'),
    algorithm: fc.constant(8),
    labels: fc.constant(2),
    originalTTL: uint32,
    expiration: uint32,
    inception: uint32,
    keyTag: uint16,
    signersName: host,
    signature: blob,
  }),
};

const record = fc
  .constantFrom(...(Object.keys(dataOf) as (keyof typeof dataOf)[]))
  .chain((type) =>
    fc.record({ type: fc.constant(type), name: host, ttl: uint32, class: fc.constant('IN'), data: dataOf[type] }),
  );

const packet = fc
  .record({
    id: uint16,
    questions: fc.tuple(fc.record({ name: host, type: fc.constant('A'), class: fc.constant('IN') })),
    answers: fc.array(record, { maxLength: 4 }),
    authorities: fc.array(record, { maxLength: 4 }),
    additionals: fc.array(record, { maxLength: 4 }),
    edns: fc.boolean(),
  })
  .map(({ edns, ...rest }) => ({
    ...rest,
    type: 'response',
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.AUTHENTIC_DATA,
    additionals: edns ? [...rest.additionals, opt] : rest.additionals,
  }));

const opt = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  flags: dnsPacket.DNSSEC_OK,
  options: [{ code: 'COOKIE', data: Buffer.from('12345678') }],
};

describe('against dns-packet', () => {
  it('reads what it writes: same header, owners, types and TTLs', () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const read = decodeMessage(dnsPacket.encode(sent as unknown as dnsPacket.Packet));
        expect(read).toMatchObject({ id: sent.id, qr: true, rd: true, ad: true, aa: false, tc: false, rcode: 0 });
        expect(read.questions.map((question) => nameToText(question.name))).toEqual([`${sent.questions[0].name}.`]);
        const heads = [...read.answer, ...read.authority].map(({ name, type, ttl }) => [
          nameToText(name),
          typeToText(type),
          ttl,
        ]);
        expect(heads).toEqual(
          [...sent.answers, ...sent.authorities].map(({ name, type, ttl }) => [`${name}.`, type, ttl]),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('writes what it reads as the same message, compressed', () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const theirs = dnsPacket.encode(sent as unknown as dnsPacket.Packet);
        const ours = encodeMessage(decodeMessage(theirs)).bytes;
        expect(ours.length).toBeLessThanOrEqual(theirs.length);
        expect(dnsPacket.decode(ours)).toEqual(dnsPacket.decode(theirs));
      }),
      { numRuns: 300 },
    );
  });

  it('has the same octets for a query', () => {
    const sent = {
      id: 7,
      flags: dnsPacket.RECURSION_DESIRED,
      questions: [{ name: 'www.example.com', type: 'AAAA' as const }],
    };
    const query = {
      id: 7,
      opcode: 0,
      rcode: 0,
      qr: false,
      aa: false,
      tc: false,
      rd: true,
      ra: false,
      ad: false,
      cd: false,
    };
    const questions = [{ name: nameFromText('www.example.com.'), type: 28, class: 1 }];
    const ours = encodeMessage({ ...query, questions, answer: [], authority: [], additional: [], edns: undefined });
    expect(ours.bytes.toString('hex')).toBe(dnsPacket.encode({ type: 'query', ...sent }).toString('hex'));
  });
});
