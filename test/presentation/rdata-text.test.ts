/** Is the RDATA of every type read and shown as its RFC has it, and refused with a reason when it is not of that form? */
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type, typeFromText } from '../../src/dns/numbers.js';
import { hexOf, type Octets, octetsFromHex } from '../../src/dns/octets.js';
import { PresentationError } from '../../src/presentation/presentation-error.js';
import { rdataFromText, rdataToText } from '../../src/presentation/rdata-text.js';
import { rdataVectors } from './rdata-vectors.js';

const hex = (text: string): Octets => octetsFromHex(text)!;

describe('vectors', () => {
  it.each(rdataVectors)('$type $text', ({ type, text, rdata, shown }) => {
    const code = typeFromText(type)!;
    expect(hexOf(rdataFromText(code, text))).toBe(hexOf(rdata));
    expect(rdataToText(code, rdata)).toBe(shown);
    expect(hexOf(rdataFromText(code, shown))).toBe(hexOf(rdata));
  });

  it('cover every type with a text form', () => {
    const withoutForm = ['NXT', 'OPT', 'UINFO', 'UID', 'GID', 'UNSPEC', 'NXNAME', 'TKEY', 'TSIG', 'IXFR', 'AXFR'];
    withoutForm.push('MAILB', 'MAILA', 'ANY', 'IPN');
    const covered = new Set(rdataVectors.map((vector) => vector.type));
    expect(Object.keys(Type).filter((name) => !covered.has(name) && !withoutForm.includes(name))).toEqual([]);
  });
});

describe('names inside RDATA', () => {
  const origin = nameFromText('Example.');
  it('keep their spelling', () => {
    expect(rdataFromText(Type.MX, '10 Mail.ExamPLE.')).toBe('\0\x0a\x04Mail\x07ExamPLE\0');
    expect(rdataToText(Type.NS, '\x02NS\0' as Octets)).toBe('NS.');
  });

  it('are completed with the origin', () => {
    expect(rdataFromText(Type.NS, 'ns1', origin)).toBe('\x03ns1\x07example\0');
    expect(rdataFromText(Type.NS, '@', origin)).toBe('\x07example\0');
    expect(rdataFromText(Type.NS, '\\@', origin)).toBe('\x01@\x07example\0');
    expect(rdataFromText(Type.NSEC, 'a A', origin)).toBe('\x01a\x07example\0\0\x01\x40');
  });
});

describe('octets that do not fit their type are shown as \\#', () => {
  it.each([
    ['A', '0a0000', '\\# 3 0A0000'],
    ['A', '0a00000101', '\\# 5 0A00000101'],
    ['NS', '03616263', '\\# 4 03616263'],
    ['NS', 'c00c', '\\# 2 C00C'],
    ['TXT', '', '\\# 0'],
    ['TXT', '05616263', '\\# 4 05616263'],
    ['NSEC', '00000200 00', '\\# 5 0000020000'],
    ['NSEC', '0001014000 0140', '\\# 7 00010140000140'],
    ['LOC', '01120000800000008000000000989680', '\\# 16 01120000800000008000000000989680'],
    ['APL', '00010801 00', '\\# 5 0001080100'],
    ['SVCB', '0001000004000400000000 00030002 0050', '\\# 17 0001000004000400000000000300020050'],
    ['DS', '00010502', '\\# 4 00010502'],
    ['IPSECKEY', '0a0001', '10 0 1 .'],
    ['IPSECKEY', '0a000001', '\\# 4 0A000001'],
    ['A6', '41ffffffffffffffff00', '\\# 10 41FFFFFFFFFFFFFFFF00'],
  ])('%s %s', (type, octets, text) => {
    expect(rdataToText(typeFromText(type)!, hex(octets.replaceAll(' ', '')))).toBe(text);
  });
});

describe('text that is refused', () => {
  it.each([
    ['A', '', 'an IPv4 address is missing'],
    ['A', '192.0.2', '"192.0.2" is not an IPv4 address'],
    ['A', '192.0.2.1 x', '"x" is more than A takes'],
    ['AAAA', 'fe80::1%eth0', '"fe80::1%eth0" is not an IPv6 address'],
    ['AAAA', '1:2:3:4:5:6:7:8::', 'is not an IPv6 address'],
    ['NS', '"ns.example."', 'names are not quoted'],
    ['NS', 'a..b', 'empty label'],
    ['MX', '65536 mail', '65536 is above 65535'],
    ['MX', 'ten mail', '"ten" is not a number from 0 to 65535'],
    ['SOA', '. . 1 1x 1 1 1', '"1x" is not a time'],
    ['SOA', '. . 1 9999999w 1 1 1', 'above 4294967295'],
    ['TXT', '', 'a string is missing'],
    ['TXT', 'a'.repeat(256), 'longer than 255'],
    ['TXT', '\\256', 'at most \\255'],
    ['TXT', '\\1x', 'three digits'],
    ['TXT', 'a\\', 'a backslash stands at the end'],
    ['TXT', '"a', 'a quote is never closed'],
    ['TXT', '(a', 'a parenthesis opened here is never closed'],
    ['TXT', 'a)', 'closed that was never opened'],
    ['TXT', 'a\nb', 'more than one line'],
    ['DS', '1 8 2 ABC', 'not an even number of hexadecimal digits'],
    ['DS', '1 8 2', 'the data is missing'],
    ['DNSKEY', '257 3 8 A*==', 'is not base64'],
    ['DNSKEY', '257 3 RSA AA==', '"RSA" is not a number'],
    ['RRSIG', 'A 8 0 0 20260230000000 0 0 . AA==', 'is not a date'],
    ['NSEC', '. BOGUS', '"BOGUS" is not a record type'],
    ['NSEC3', '1 0 0 - 1', 'is not base32hex'],
    ['NSEC3', '1 0 0 abc 00', 'hexadecimal'],
    ['LOC', '91 N 0 E 0', 'above 90'],
    ['LOC', '1 N 1 W', 'an altitude is missing'],
    ['LOC', '1 X 1 W 0m', '"X" should be N or S'],
    ['APL', '3:192.0.2.0/24', 'is not a prefix like'],
    ['APL', '1:192.0.2.0/33', '33 is above 32'],
    ['IPSECKEY', '1 4 2 . AA==', '4 is not a gateway type'],
    ['IPSECKEY', '1 0 0 . AA==', 'with algorithm 0 there is no key'],
    ['EUI48', '00-00-5e-00-53', 'is not an EUI-48 address'],
    ['NSAP', '47', 'is not an NSAP address'],
    ['SVCB', '1 . alpn', 'alpn: an item is empty'],
    ['SVCB', '1 . alpn=', 'leave the = out'],
    ['SVCB', '1 . alpn=a\\\\b', 'escapes a comma or a backslash only'],
    ['SVCB', '1 . PORT=1', '"PORT" is not a SvcParamKey'],
    ['SVCB', '1 . key00=1', '"key00" is not a SvcParamKey'],
    ['SVCB', '1 . port=1 port=2', '"port" is given twice'],
    ['SVCB', '1 . port=1 key3=2', '"key3" is given twice'],
    ['SVCB', '1 . mandatory=port', 'mandatory "port" is not there'],
    ['SVCB', '1 . no-default-alpn=1', 'it takes no value'],
    ['TYPE65280', '1', 'TYPE65280 has no text form here'],
    ['A', '\\# 4 00', '\\# announces 4 octets, 1 follow'],
    ['A', '\\# 65536 00', '65536 is above 65535'],
    ['A', '\\#', 'the length after \\# is missing'],
  ])('%s %s', (type, text, reason) => {
    expect(() => rdataFromText(typeFromText(type)!, text)).toThrow(PresentationError);
    expect(() => rdataFromText(typeFromText(type)!, text)).toThrow(reason);
  });

  it('RDATA of more than 65535 octets', () => {
    const strings = `"${'x'.repeat(255)}" `.repeat(255);
    expect(rdataFromText(Type.TXT, strings)).toHaveLength(65_280);
    expect(rdataFromText(Type.TXT, `${strings} "${'x'.repeat(254)}"`)).toHaveLength(65_535);
    expect(() => rdataFromText(Type.TXT, `${strings} "${'x'.repeat(255)}"`)).toThrow('65536 octets of RDATA');
  });
});
