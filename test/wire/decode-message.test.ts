import { describe, expect, it } from 'vitest';
import { nameToText, wireFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { concatOctets, hexOf, octets16, octets32, octetsFrom } from '../../src/dns/octets.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { WireError } from '../../src/wire/wire-error.js';
import { octetsOfMessage } from './examples.js';

const QUESTION = '03777777 076578616d706c65 03636f6d 00 0001 0001'; // www.example.com. at 12, example.com. at 16
const hex16 = (value: number): string => value.toString(16).padStart(4, '0');

/** One answer of www.example.com. whose RDATA is this hexadecimal, with its true length unless told. */
function answered(type: number, rdata: string, length?: number, klass: number = Class.IN): Buffer {
  const octets = rdata.replace(/\s+/g, '').length / 2;
  return octetsOfMessage(
    [1, 1, 0, 0],
    `${QUESTION} c00c ${hex16(type)} ${hex16(klass)} 0000012c ${hex16(length ?? octets)} ${rdata}`,
  );
}

const rdataOf = (bytes: Uint8Array): string => decodeMessage(bytes).answer[0]!.rdata;

/** Another OPT record: owner, class 1232, TTL, options in hexadecimal. */
function opt(options = '', owner = '00', ttl = '00008000'): string {
  return `${owner} 0029 04d0 ${ttl} ${hex16(options.replace(/\s+/g, '').length / 2)} ${options}`;
}

describe('header and counts', () => {
  it('reads flags, opcode and response code', () => {
    const bytes = octetsOfMessage([0, 0, 0, 0], '');
    bytes.writeUInt16BE(0x2fb5, 2);
    expect(decodeMessage(bytes)).toMatchObject({
      id: 0x1234,
      qr: false,
      opcode: 5,
      aa: true,
      tc: true,
      rd: true,
      ra: true,
      ad: true,
      cd: true,
      rcode: 5,
    });
  });

  it.each([0, 1, 11])('refuses %i octets', (length) => {
    expect(() => decodeMessage(new Uint8Array(length))).toThrow(WireError);
  });

  it.each([[[2, 0, 0, 0]], [[1, 1, 0, 0]], [[1, 0, 65535, 0]], [[1, 0, 0, 1]]] as const)(
    'refuses counts of %j where there is one question',
    (counts) => {
      expect(() => decodeMessage(octetsOfMessage(counts, QUESTION))).toThrow(WireError);
    },
  );

  it('passes over octets behind the last record', () => {
    const bytes = Buffer.concat([answered(Type.A, '01020304'), Buffer.from('c00c000100')]);
    expect(decodeMessage(bytes)).toEqual(decodeMessage(answered(Type.A, '01020304')));
  });

  it('takes a view into a larger buffer for what it is', () => {
    const bytes = answered(Type.NS, '036e7331 c010');
    const around = new Uint8Array(bytes.length + 20).fill(0xff);
    around.set(bytes, 10);
    expect(decodeMessage(around.subarray(10, 10 + bytes.length))).toEqual(decodeMessage(bytes));
  });

  it('says at which octet it stopped', () => {
    try {
      decodeMessage(answered(Type.A, '010203'));
      expect.unreachable();
    } catch (error) {
      expect((error as WireError).offset).toBe(45);
    }
  });

  it('reads a TTL with its highest bit set as it stands', () => {
    const bytes = answered(Type.A, '01020304');
    bytes.writeUInt32BE(0xfffffffe, 39);
    expect(decodeMessage(bytes).answer[0]!.ttl).toBe(0xfffffffe);
  });
});

describe('RDATA', () => {
  it.each([Type.NS, Type.MD, Type.MF, Type.CNAME, Type.MB, Type.MG, Type.MR, Type.PTR, Type.DNAME])(
    'decompresses the name in type %i and keeps its spelling',
    (type) => {
      expect(rdataOf(answered(type, '034e5331 c010'))).toBe(wireFromText('NS1.example.com.'));
    },
  );

  it('decompresses both names of SOA, which may be mere pointers', () => {
    const numbers = '00000001 00000002 00000003 00000004 00000005';
    const names = concatOctets(wireFromText('www.example.com.'), wireFromText('h.com.'));
    expect(rdataOf(answered(Type.SOA, `c00c 0168 c018 ${numbers}`))).toBe(
      concatOctets(names, octets32(1), octets32(2), octets32(3), octets32(4), octets32(5)),
    );
  });

  it.each([
    ['MX', Type.MX, '000a c010', concatOctets(octets16(10), wireFromText('example.com.'))],
    ['MINFO', Type.MINFO, 'c010 c018', concatOctets(wireFromText('example.com.'), wireFromText('com.'))],
    ['RP', Type.RP, 'c010 0161 c018', concatOctets(wireFromText('example.com.'), wireFromText('a.com.'))],
    ['AFSDB', Type.AFSDB, '0001 c010', concatOctets(octets16(1), wireFromText('example.com.'))],
    ['PX', Type.PX, '0001 c010 c018', concatOctets(octets16(1), wireFromText('example.com.'), wireFromText('com.'))],
    ['SRV', Type.SRV, '0001 0002 0035 c010', concatOctets(octetsFrom(0, 1, 0, 2, 0, 53), wireFromText('example.com.'))],
    [
      'NAPTR',
      Type.NAPTR,
      '0001 0002 0153 00 0121 c010',
      concatOctets(octetsFrom(0, 1, 0, 2, 1, 0x53, 0, 1, 0x21), wireFromText('example.com.')),
    ],
    ['NSEC', Type.NSEC, 'c010 0001 40', concatOctets(wireFromText('example.com.'), octetsFrom(0, 1, 0x40))],
    [
      'RRSIG',
      Type.RRSIG,
      `${'00'.repeat(18)} c010 aabb`,
      concatOctets(octetsFrom(...new Array(18).fill(0)), wireFromText('example.com.'), octetsFrom(0xaa, 0xbb)),
    ],
  ] as const)('decompresses %s (RFC 3597 §4)', (_, type, rdata, whole) => {
    expect(hexOf(rdataOf(answered(type, rdata)))).toBe(hexOf(whole));
  });

  it.each([
    ['a type nobody knows', 65280, 'c00c ff'],
    ['an unreadable SVCB', Type.HTTPS, '0001 c00c 0001'],
    ['an unreadable DNSKEY', Type.DNSKEY, '01'],
    ['an empty TXT', Type.TXT, ''],
    ['a BRID (CVE-2025-13878)', Type.BRID, '00'],
  ])('copies %s as it is', (_, type, rdata) => {
    expect(hexOf(rdataOf(answered(type, rdata)))).toBe(rdata.replace(/\s+/g, ''));
  });

  it.each([
    ['A of 3 octets', Type.A, '010203'],
    ['A of 5 octets', Type.A, '0102030405'],
    ['A of none', Type.A, ''],
    ['AAAA of 4 octets', Type.AAAA, '01020304'],
    ['NS of none', Type.NS, ''],
    ['NS with octets behind its name', Type.NS, 'c010 00'],
    ['NS that ends inside a label', Type.NS, '05 6e73'],
    ['MX without a name', Type.MX, '000a'],
    ['SOA with 19 octets of numbers', Type.SOA, `c010 c010 ${'00'.repeat(19)}`],
    ['SOA with 21 octets of numbers', Type.SOA, `c010 c010 ${'00'.repeat(21)}`],
    ['SRV cut before its name', Type.SRV, '0001 0002 00'],
    ['NAPTR with a string that is too long', Type.NAPTR, '0001 0002 ff 53 00 00 c010'],
    ['RRSIG without a signer', Type.RRSIG, '00'.repeat(18)],
    ['RRSIG whose signer breaks off', Type.RRSIG, `${'00'.repeat(18)} 03 6162`],
    ['NSEC that is empty', Type.NSEC, ''],
  ])('refuses %s', (_, type, rdata) => {
    expect(() => decodeMessage(answered(type, rdata))).toThrow(WireError);
  });

  it('does not let a name run across the end of its RDATA into what follows (CVE-2026-10822)', () => {
    expect(() => decodeMessage(answered(Type.NS, '036e7331 00', 3))).toThrow('past the end of what holds it');
    expect(() => decodeMessage(answered(Type.NS, '0161 c010', 3))).toThrow('past the end of what holds it');
  });

  it('refuses RDATA longer than the message', () => {
    expect(() => decodeMessage(answered(Type.TXT, '0161', 3))).toThrow('ends 1 octets early');
  });

  it('refuses RDATA that would be longer than 65535 octets decompressed', () => {
    const long = `${'00'.repeat(18)} c00c ${'00'.repeat(65_500)}`;
    expect(() => decodeMessage(answered(Type.RRSIG, `${long}${'00'.repeat(15)}`))).toThrow('longer than 65535');
    expect(rdataOf(answered(Type.RRSIG, long))).toHaveLength(18 + 17 + 65_500);
  });

  it('takes records without RDATA in classes ANY and NONE: UPDATE has them (RFC 2136 §2.4)', () => {
    for (const klass of [Class.ANY, Class.NONE]) expect(rdataOf(answered(Type.A, '', 0, klass))).toBe('');
  });

  it('does not judge A of other classes: in CHAOS it is a name and a number (RFC 1035 §3.4.1 is for IN)', () => {
    expect(hexOf(rdataOf(answered(Type.A, '00 0001', 3, Class.CH)))).toBe('000001');
  });
});

describe('OPT (RFC 6891 §6.1)', () => {
  it('is lifted out of the additional section, with the upper bits of the response code', () => {
    const glue = '0161 00 0001 0001 00000001 0004 01020304';
    const bytes = octetsOfMessage([0, 0, 0, 3], `${glue} ${opt('000a 0002 beef', '00', '01008000')} ${glue}`);
    const message = decodeMessage(bytes);
    expect(message.rcode).toBe(16);
    expect(message.additional.map((record) => nameToText(record.name))).toEqual(['a.', 'a.']);
    expect(message.edns).toEqual({
      version: 0,
      udpSize: 1232,
      dnssecOk: true,
      options: [{ code: 10, data: octetsFrom(0xbe, 0xef) }],
    });
  });

  it.each([
    ['two of them', [0, 0, 0, 2], opt() + opt()],
    ['one with an owner', [0, 0, 0, 1], opt('', '0161 00')],
    ['one in the answer section', [0, 1, 0, 0], opt()],
    ['one in the authority section', [0, 0, 1, 0], opt()],
    ['an option cut short', [0, 0, 0, 1], opt('000a 00')],
    ['an option longer than the record', [0, 0, 0, 1], opt('000a 0003 beef')],
  ] as const)('refuses %s', (_, counts, hex) => {
    expect(() => decodeMessage(octetsOfMessage(counts, hex))).toThrow(WireError);
  });

  it('reads 100 options and leaves the others (CVE-2026-41292)', () => {
    const message = decodeMessage(octetsOfMessage([0, 0, 0, 1], opt('00030000'.repeat(16_000))));
    expect(message.edns?.options).toHaveLength(100);
  });
});
