import { describe, expect, it } from 'vitest';
import { nameFromText, wireFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { concatOctets, NO_OCTETS, type Octets, octets16, octets32, octetsFrom } from '../../src/dns/octets.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { address, record, reply, rrsig } from './examples.js';

const OPT = { version: 0, udpSize: 1232, dnssecOk: false, options: [] };

/** Octets of header and of the question www.example.com. */
const HEAD = 12 + 17 + 4;

describe('compression (RFC 1035 §4.1.4)', () => {
  const sizeOf = (...answer: Parameters<typeof record>[]): number =>
    encodeMessage(reply({ answer: answer.map((each) => record(...each)) })).bytes.length - HEAD;

  it('writes an owner equal to the question as a pointer to it', () => {
    expect(
      encodeMessage(reply({ answer: [address('www.example.com.', 1)] }))
        .bytes.subarray(HEAD)
        .toString('hex'),
    ).toBe('c00c000100010000012c0004c0000201');
  });

  it('points an owner to the part it shares with an earlier name', () => {
    expect(sizeOf(['mail.example.com.', Type.A, octetsFrom(1, 2, 3, 4)])).toBe(5 + 2 + 10 + 4);
  });

  it('compresses names in RDATA of the types of RFC 1035', () => {
    expect(sizeOf(['www.example.com.', Type.NS, wireFromText('ns1.example.com.')])).toBe(2 + 10 + 4 + 2);
    expect(sizeOf(['www.example.com.', Type.MX, concatOctets(octets16(5), wireFromText('example.com.'))])).toBe(
      2 + 10 + 2 + 2,
    );
    const numbers = octets32(1).repeat(5) as Octets;
    const soa = concatOctets(wireFromText('ns1.example.com.'), wireFromText('host.example.com.'), numbers);
    expect(sizeOf(['example.com.', Type.SOA, soa])).toBe(2 + 10 + 6 + 7 + 20);
  });

  it.each([
    ['SRV', Type.SRV, concatOctets(octets16(1), octets16(1), octets16(53), wireFromText('www.example.com.'))],
    ['DNAME', Type.DNAME, wireFromText('www.example.com.')],
    ['NSEC', Type.NSEC, concatOctets(wireFromText('www.example.com.'), octetsFrom(0, 1, 0x40))],
    ['RRSIG', Type.RRSIG, rrsig('www.example.com.', Type.A, 10).rdata],
    ['RP', Type.RP, concatOctets(wireFromText('www.example.com.'), wireFromText('example.com.'))],
  ] as const)('never compresses names in RDATA of %s (RFC 3597 §4)', (_, type, rdata) => {
    expect(sizeOf(['www.example.com.', type, rdata])).toBe(2 + 10 + rdata.length);
  });

  it('does not point a name in RDATA to another spelling: RDATA stays to the octet', () => {
    const answer = [record('www.example.com.', Type.NS, wireFromText('NS.Example.com.'))];
    const { bytes } = encodeMessage(reply({ answer }));
    expect(decodeMessage(bytes).answer).toEqual(answer);
    // "com." is shared, "Example" is not "example".
    expect(bytes.length - HEAD).toBe(2 + 10 + 3 + 8 + 2);
  });

  it('writes RDATA that is not made as its type says without touching it', () => {
    for (const rdata of [NO_OCTETS, octetsFrom(3, 0x77), octetsFrom(0xc0, 12), `${wireFromText('a.b.')}x`]) {
      expect(
        encodeMessage(reply({ answer: [record('.', Type.NS, rdata as Octets)] })).bytes.latin1Slice(HEAD + 11),
      ).toBe(rdata);
    }
  });

  it('never points beyond the 14 bits of a pointer', () => {
    const filler = record('www.example.com.', Type.TXT, 'x'.repeat(0x4000) as Octets);
    const late = [
      address('late.example.', 1),
      address('late.example.', 2),
      record('.', Type.NS, wireFromText('late.example.')),
    ];
    const message = reply({ answer: [filler, ...late] });
    expect(decodeMessage(encodeMessage(message).bytes)).toEqual(message);
  });

  it('stops looking for targets in a message of thousands of different names (CVE-2024-8508)', () => {
    const labels = (i: number): string => `${i}.${'a.'.repeat(i % 100)}`;
    const answer = Array.from({ length: 1000 }, (_, i) => record(labels(i), Type.NS, wireFromText(`${labels(i)}x.`)));
    const { bytes, truncated } = encodeMessage(reply({ answer }));
    const read = decodeMessage(bytes).answer;
    expect(read).toEqual(answer.slice(0, read.length));
    expect(truncated).toBe(read.length < answer.length);
    // Had every name been searched for, all would share their endings and take a tenth of it.
    expect(bytes.length).toBeGreaterThan(60_000);
  });
});

describe('spelling', () => {
  const spelling = wireFromText('wWw.ExAmple.com.');

  it('echoes the letters of the client in the question and, through it, in owners', () => {
    const message = reply({ answer: [address('www.example.com.', 1)], authority: [address('example.com.', 2)] });
    const { bytes } = encodeMessage(message, { spelling });
    expect(bytes.latin1Slice(12, 12 + spelling.length)).toBe(spelling);
    expect(bytes.length).toBe(HEAD + 16 + 16);
    expect(decodeMessage(bytes)).toEqual(message);
  });

  it('leaves names in RDATA as they are', () => {
    const answer = [record('www.example.com.', Type.CNAME, wireFromText('web.example.com.'))];
    const { bytes } = encodeMessage(reply({ answer }), { spelling });
    expect(decodeMessage(bytes).answer).toEqual(answer);
  });

  it('is ignored when it is another name', () => {
    const { bytes } = encodeMessage(reply(), { spelling: wireFromText('WWW.example.net.') });
    expect(bytes).toEqual(encodeMessage(reply()).bytes);
  });
});

describe('size (RFC 2181 §9)', () => {
  const rrset = [1, 2, 3].map((last) => address('www.example.com.', last)); // 16 octets each
  const authority = [record('example.com.', Type.NS, wireFromText('www.example.com.'))]; // 14

  it('leaves out a whole RRset with its RRSIG when its last record does not fit, and sets TC', () => {
    const answer = [address('alias.example.com.', 9), ...rrset, rrsig('www.example.com.', Type.A, 64)];
    const whole = encodeMessage(reply({ answer }));
    expect(whole.truncated).toBe(false);
    const { bytes, truncated } = encodeMessage(reply({ answer, authority }), { maxOctets: whole.bytes.length - 1 });
    expect(truncated).toBe(true);
    expect(decodeMessage(bytes)).toEqual(reply({ tc: true, answer: answer.slice(0, 1) }));
  });

  it('keeps RRSIGs with what they cover and apart from another type', () => {
    const answer = [...rrset, rrsig('www.example.com.', Type.AAAA, 64)];
    const { bytes } = encodeMessage(reply({ answer }), { maxOctets: HEAD + 3 * 16 });
    expect(decodeMessage(bytes).answer).toEqual(rrset);
  });

  it('sets TC for authority that does not fit, and writes no additional after it', () => {
    const message = reply({ answer: rrset, authority, additional: [address('.', 1)] });
    const { bytes, truncated } = encodeMessage(message, { maxOctets: HEAD + 3 * 16 + 13 });
    expect(truncated).toBe(true);
    expect(decodeMessage(bytes)).toEqual(reply({ tc: true, answer: rrset }));
  });

  it('drops additional records that do not fit without TC', () => {
    const additional = [address('a.example.com.', 1), ...rrset];
    const { bytes, truncated } = encodeMessage(reply({ authority, additional }), { maxOctets: HEAD + 14 + 18 + 16 });
    expect(truncated).toBe(false);
    expect(decodeMessage(bytes)).toEqual(reply({ authority, additional: additional.slice(0, 1) }));
  });

  it('keeps room for OPT whatever is left out', () => {
    const edns = { ...OPT, options: [{ code: 10, data: octetsFrom(1, 2, 3, 4, 5, 6, 7, 8) }] };
    const { bytes } = encodeMessage(reply({ answer: rrset, edns }), { maxOctets: HEAD + 3 * 16 + 22 });
    expect(decodeMessage(bytes)).toEqual(reply({ tc: true, edns }));
    expect(encodeMessage(reply({ answer: rrset, edns }), { maxOctets: HEAD + 3 * 16 + 23 }).truncated).toBe(false);
  });

  it('leaves out EDNS options that do not fit beside the question, the last first', () => {
    const options = [
      { code: 10, data: octetsFrom(1) },
      { code: 15, data: 'x'.repeat(500) as Octets },
    ];
    const { bytes, truncated } = encodeMessage(reply({ edns: { ...OPT, options } }), { maxOctets: 512 });
    expect(truncated).toBe(false);
    expect(decodeMessage(bytes).edns?.options).toEqual(options.slice(0, 1));
  });

  it('ends at 65535 octets when nothing else is said, without writing an RRset of thousands of records to the end', () => {
    const answer = Array.from({ length: 20_000 }, (_, i) => record('www.example.com.', Type.TXT, octets32(i)));
    const { bytes, truncated } = encodeMessage(reply({ answer }));
    expect(truncated).toBe(true);
    expect(bytes.length).toBe(HEAD);
  });
});

describe('the response code', () => {
  it('is split between header and OPT (RFC 6891 §6.1.3)', () => {
    const { bytes } = encodeMessage(reply({ rcode: 0xabc, edns: OPT }));
    expect(bytes[3]! & 0xf).toBe(0xc);
    expect(bytes[HEAD + 5]).toBe(0xab);
  });
});

describe('mistakes of the caller', () => {
  it.each([
    ['a response code above 15 without EDNS', reply({ rcode: 16 }), {}, 'needs EDNS'],
    ['no room for the question', reply({ edns: OPT }), { maxOctets: HEAD + 10 }, 'header, questions and OPT alone'],
    [
      'RDATA nothing can hold',
      reply({ answer: [record('.', Type.TXT, 'x'.repeat(65_536) as Octets)] }),
      {},
      'longer than 65535',
    ],
    [
      'questions nothing can hold',
      reply({
        questions: Array.from({ length: 20_000 }, () => ({ name: nameFromText('.'), type: 1, class: Class.IN })),
      }),
      {},
      'questions are longer',
    ],
  ] as const)('%s: RangeError', (_, message, options, reason) => {
    expect(() => encodeMessage(message, options)).toThrow(reason);
    // The shared buffer is as good as new.
    expect(decodeMessage(encodeMessage(reply()).bytes)).toEqual(reply());
  });
});
