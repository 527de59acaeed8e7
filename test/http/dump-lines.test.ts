/** Lines of a dump: what is refused of what anybody may write. What comes out is loaded again in test/scenarios. */
import { describe, expect, it } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { Credibility } from '../../src/dns/provenance.js';
import { DUMP_NAME, DUMP_VERSION, dumpHead, dumpLine } from '../../src/http/dump-lines.js';
import { zoneLines } from '../../src/http/dump-zone.js';
import { LineTooLong, linesOf } from '../../src/http/line-splitter.js';
import { LineError, readDumpHead, readDumpLine } from '../../src/http/load-lines.js';
import type { EntryContent } from '../../src/ports/cache-inspection.js';

const www = nameFromText('www.example.');
const content: EntryContent = {
  kind: 'rrset',
  name: www,
  type: Type.A,
  expires: 1_800_000_300_000,
  storedAt: 1_800_000_000_000,
  ttlOriginal: 300,
  hits: 4,
  security: { kind: 'insecure' },
  provenance: {
    server: '192.0.2.53:53',
    transport: 'udp',
    section: 'answer',
    credibility: Credibility.answerAuthoritative,
    askedFor: 'www.example. A',
    costMs: 12,
    costExchanges: 2,
  },
  rrset: { name: www, type: Type.A, ttl: 0, rdatas: [octetsFrom(192, 0, 2, 1)], signatures: [] },
  proof: [],
};

const fields = JSON.parse(dumpLine(content));
const refusedWith = (change: object): string => {
  try {
    readDumpLine(JSON.stringify({ ...fields, ...change }));
    return 'nothing';
  } catch (error) {
    if (error instanceof LineError) return error.message;
    throw error;
  }
};

describe('a line', () => {
  it('is read as it was written', () => {
    expect(readDumpLine(dumpLine(content))).toEqual(content);
  });

  it.each<[string, object]>([
    ['kind: "rrsett" is no kind', { kind: 'rrsett' }],
    ['kind: nothing is no kind', { kind: undefined }],
    ['name: ', { name: 'a..b' }],
    ['name: ', { name: 'x'.repeat(2000) }],
    ['type: "NONE-SUCH" is no record type', { type: 'NONE-SUCH' }],
    ['expires: -1 is not a whole number', { expires: -1 }],
    ['expires: 1e+300', { expires: 1e300 }],
    ['ttlOriginal: "5"', { ttlOriginal: '5' }],
    ['hits: 0.5', { hits: 0.5 }],
    ['data: a set has records', { data: [] }],
    ['data: ', { data: ['not an address'] }],
    ['data: ', { data: ['192.0.2.1 ; x\n192.0.2.2'] }],
    ['data: 5 is no text', { data: [5] }],
    ['data: "\\\\# 3 010203" is no A', { data: ['\\# 3 010203'] }],
    ['signatures: ', { signatures: ['A 8 2'] }],
    ['proof: it is not a list', { proof: 'x' }],
    ['proof: null is no object', { proof: [null] }],
    ['security: "secure" is no object', { security: 'secure' }],
    ['kind: "safe" is none of', { security: { kind: 'safe' } }],
    ['ede: nothing is no object', { security: { kind: 'bogus', because: '' } }],
    ['provenance: nothing', { provenance: undefined }],
    ['credibility: "toString" is none of', { provenance: { ...fields.provenance, credibility: 'toString' } }],
    ['askedFor: "é" has characters', { provenance: { ...fields.provenance, askedFor: 'é' } }],
    ['costMs: 65536', { provenance: { ...fields.provenance, costMs: 65_536 } }],
    ['servers: it is not a list', { kind: 'delegation', servers: {} }],
    ['addresses: "ns" is no IP', { kind: 'delegation', servers: [{ name: 'a.', addresses: ['ns'] }] }],
    ['addresses: "fe80::1%eth0"', { kind: 'delegation', servers: [{ name: 'a.', addresses: ['fe80::1%eth0'] }] }],
  ])('is refused with %s', (message, change) => {
    expect(refusedWith(change)).toContain(message);
  });

  it('may hold addresses written otherwise: they are compared as text', () => {
    const servers = [{ name: 'ns.example.', addresses: ['2001:DB8:0::1'] }];
    const read = readDumpLine(JSON.stringify({ ...fields, kind: 'delegation', servers }));
    expect(read.kind === 'delegation' && read.servers[0]!.addresses).toEqual(['2001:db8::1']);
  });

  it.each(['', '[]', 'null', '{"a"', '"x"'])('is no entry when it is %j', (line) => {
    expect(() => readDumpLine(line)).toThrow(LineError);
  });
});

describe('the first line', () => {
  it('is known', () => {
    expect(() => readDumpHead(dumpHead(0))).not.toThrow();
  });

  it.each([
    ['www.example. 300 IN A 192.0.2.1', 'master file'],
    ['; the cache of rootwalk', 'master file'],
    ['{"format":"other"}', 'no dump of the cache'],
    [`{"format":"${DUMP_NAME}","version":${DUMP_VERSION + 1}}`, `version ${DUMP_VERSION + 1}`],
    ['START_RRSET_CACHE', 'not JSON'],
  ])('%s is not', (line, message) => {
    expect(() => readDumpHead(line)).toThrow(message);
  });
});

it('a master file has data as records and everything else as comments', () => {
  const wall = 1_800_000_100_000;
  expect(zoneLines(content, wall)).toBe(
    '; rrset, 200 s, insecure, answerAuthoritative from 192.0.2.53:53\nwww.example. 200 IN A 192.0.2.1\n',
  );
  const { rrset: _rrset, proof: _proof, ...head } = content as EntryContent & { kind: 'rrset' };
  const failure = { ...head, kind: 'failure', backoff: 5, because: [{ code: 22, text: 'a\nb' }] } as const;
  const lines = zoneLines(failure, wall).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines.every((line) => line.startsWith(';'))).toBe(true);
});

describe('lines of a stream', () => {
  async function split(chunks: readonly string[], max = 100): Promise<string[]> {
    const lines: string[] = [];
    const stream = (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
    })();
    for await (const line of linesOf(stream, max)) lines.push(line);
    return lines;
  }

  it('end where the feeds are, wherever the chunks end', async () => {
    expect(await split(['a\nb', 'c\r', '\n\nd'])).toEqual(['a', 'bc', '', 'd']);
    expect(await split(['\xc3', '\xa9\n'])).toEqual(['é']);
    expect(await split([])).toEqual([]);
  });

  it('are not gathered for ever', async () => {
    await expect(split(Array(20).fill('x'.repeat(10)))).rejects.toThrow(LineTooLong);
    await expect(split([`ok\n${'x'.repeat(101)}\n`])).rejects.toThrow(LineTooLong);
    expect(await split(['x'.repeat(100)])).toHaveLength(1);
  });
});
