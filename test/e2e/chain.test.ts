/**
 * A resolver with nothing but its built-in hints walks from the real root addresses (NSD) over top-level domains (Knot,
 * BIND) to the leaves (NSD), and shows what it kept.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntryDetail, EntrySummary } from '../../src/http/views.js';
import { pause } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';
import { bindAddresses, knotAddresses, leafOneAddresses, longText, rootServers } from './internet/zones.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client);
});
afterAll(() => internet?.end());

const leafServers = [/^203\.0\.113\.1:53$/, /^198\.51\.100\.1:53$/, /^\[2001:db8:[12]::1\]:53$/];

describe('dig', () => {
  it('gets an address, with RA and without AA', async () => {
    const reply = await rootwalk.dig('example.com A');
    expect(reply.status, reply.text).toBe('NOERROR');
    expect(rdataOf(reply.answer)).toEqual(['A 203.0.113.80']);
    expect(reply.flags).toEqual(expect.arrayContaining(['qr', 'rd', 'ra']));
    expect(reply.flags).not.toContain('aa');
  });

  it.each([
    ['example.com AAAA', ['AAAA 2001:db8:80::80']],
    ['example.com MX', ['MX 10 mail.example.com.', 'MX 20 mail.example.net.']],
    ['example.com TXT', ['TXT "v=spf1 mx -all"']],
    ['anything.wild.example.com A', ['A 203.0.113.81']],
    ['example.se A', ['A 203.0.113.83']],
    ['example.org NS', ['NS ns1.example.com.', 'NS ns2.example.com.']],
  ])('gets %s', async (query, expected) => {
    const reply = await rootwalk.dig(query);
    expect(reply.status, reply.text).toBe('NOERROR');
    expect(rdataOf(reply.answer)).toEqual(expected);
  });

  it('follows an alias over three top-level domains', async () => {
    const reply = await rootwalk.dig('www.example.com A');
    expect(reply.answer.map(({ name, type, rdata }) => `${name} ${type} ${rdata}`)).toEqual([
      'www.example.com. CNAME www.example.net.',
      'www.example.net. CNAME web.example.org.',
      'web.example.org. A 203.0.113.82',
    ]);
  });

  it('gets a long TXT over TCP, told so by truncation', async () => {
    const reply = await rootwalk.dig('long.example.com TXT');
    expect(reply.text).toContain(';; Truncated, retrying in TCP mode.');
    expect(reply.transport).toBe('TCP');
    expect(rdataOf(reply.answer)).toEqual([`TXT ${longText.map((text) => `"${text}"`).join(' ')}`]);
  });

  it('is told what does not exist, and what exists without that type', async () => {
    const nxdomain = await rootwalk.dig('none.example.com A');
    expect(nxdomain.status).toBe('NXDOMAIN');
    expect(nxdomain.authority.map(({ name, type }) => `${name} ${type}`)).toEqual(['example.com. SOA']);
    for (const query of ['mail.example.com AAAA', 'empty.example.com A']) {
      const nodata = await rootwalk.dig(query);
      expect(nodata, nodata.text).toMatchObject({ status: 'NOERROR', answer: [] });
      expect(nodata.authority.map(({ type }) => type)).toEqual(['SOA']);
    }
    expect((await rootwalk.dig('example.nowhere A')).status).toBe('NXDOMAIN');
  });

  it('is served over IPv6 as over IPv4', async () => {
    const reply = await rootwalk.dig('mail.example.net A', { server: '::1' });
    expect(rdataOf(reply.answer)).toEqual(['A 203.0.113.26']);
  });
});

describe('kdig', () => {
  it('gets the same over UDP and TCP', async () => {
    for (const query of ['mail.example.com A', '+tcp mail.example.com A']) {
      const reply = await rootwalk.kdig(query);
      expect(reply.status, reply.text).toBe('NOERROR');
      expect(reply.transport).toBe(query.startsWith('+tcp') ? 'TCP' : 'UDP');
      expect(rdataOf(reply.answer)).toEqual(['A 203.0.113.25']);
    }
  });
});

describe('the cache', () => {
  it('answers the second time, with a smaller TTL and no further exchange', async () => {
    const first = await rootwalk.dig('second.wild.example.com A');
    expect(first.answer[0]!.ttl).toBe(300);
    const before = await rootwalk.stats();
    await pause(2100);
    const second = await rootwalk.dig('second.wild.example.com A');
    const after = await rootwalk.stats();
    expect(rdataOf(second.answer)).toEqual(rdataOf(first.answer));
    expect(second.answer[0]!.ttl).toBeLessThan(300);
    expect(after.queries.hits - before.queries.hits).toBe(1);
    expect(after.upstream.exchanges).toBe(before.upstream.exchanges);
  });

  it('is listed by `cache list`', async () => {
    await rootwalk.dig('example.com A');
    const { entries } = await rootwalk.json<{ entries: EntrySummary[] }>(
      ...['cache', 'list', '--suffix', 'example.com', '--json'],
    );
    const entry = entries.find(({ name, type, kind }) => name === 'example.com.' && type === 'A' && kind === 'rrset');
    expect(entry).toMatchObject({ ttlOriginal: 300, credibility: 'answerAuthoritative', data: ['203.0.113.80'] });
    const plain = await rootwalk.cli(['cache', 'list', '--suffix', 'example.com']);
    expect(plain.code, plain.stderr).toBe(0);
    expect(plain.stdout).toMatch(/example\.com\..*\bA\b.*203\.0\.113\.80/);
  });

  it('says with `cache get` where an entry came from', async () => {
    await rootwalk.dig('example.com A');
    const { entries } = await rootwalk.json<{ entries: EntryDetail[] }>('cache', 'get', 'example.com', 'A', '--json');
    const entry = entries.find(({ kind }) => kind === 'rrset')!;
    expect(entry.records.map(({ text }) => text.split(/\s+/).at(-1))).toEqual(['203.0.113.80']);
    expect(entry.provenance).toMatchObject({ transport: 'udp', section: 'answer' });
    expect(leafServers.some((server) => server.test(entry.provenance.server))).toBe(true);
    expect(entry.ttlLeft).toBeLessThanOrEqual(300);
  });

  it('holds the delegations it walked along, each from a server above', async () => {
    const { entries } = await rootwalk.json<{ entries: EntrySummary[] }>(
      ...['cache', 'list', '--kind', 'delegation', '--json'],
    );
    const from = new Map(entries.map(({ name, server }) => [name, server]));
    const rootKeys = rootServers.flatMap(([, ipv4, ipv6]) => [`${ipv4}:53`, `[${ipv6}]:53`]);
    const topLevelKeys = [knotAddresses, bindAddresses].flatMap(([ipv4, ipv6]) => [`${ipv4}:53`, `[${ipv6}]:53`]);
    expect(rootKeys).toContain(from.get('com.'));
    expect(topLevelKeys).toContain(from.get('example.com.'));
  });

  it('is counted by `stats` and by curl', async () => {
    const fromHttp = await rootwalk.stats();
    const fromCli = await rootwalk.json<typeof fromHttp>('stats', '--json');
    for (const { queries, cache, hitRatio } of [fromHttp, fromCli]) {
      expect(queries.hits + queries.misses).toBe(queries.total - queries.dropped);
      expect(queries.hits).toBeGreaterThan(0);
      expect(hitRatio).toBeCloseTo(queries.hits / (queries.hits + queries.misses), 5);
      expect(queries.byRcode.NXDOMAIN).toBeGreaterThanOrEqual(2);
      expect(queries.byType.TXT).toBeGreaterThanOrEqual(2);
      expect(cache.byKind.rrset.entries).toBeGreaterThan(5);
      expect(cache.byKind.delegation.entries).toBeGreaterThanOrEqual(4);
    }
    const metrics = await rootwalk.curl('/metrics');
    expect(metrics.stdout).toMatch(/^# TYPE rootwalk_\w+ counter$/m);
  });

  it('forgets with `cache flush`, and asks again', async () => {
    await rootwalk.dig('example.com MX');
    const flushed = await rootwalk.cli(['cache', 'flush', 'example.com', 'MX']);
    expect(flushed.code, flushed.stderr).toBe(0);
    const before = await rootwalk.stats();
    const reply = await rootwalk.dig('example.com MX');
    expect(reply.answer).toHaveLength(2);
    expect((await rootwalk.stats()).upstream.exchanges).toBeGreaterThan(before.upstream.exchanges);
  });
});

it('`query` resolves in its own process, `--trace` tells the steps', async () => {
  const plain = await rootwalk.cli(['query', 'www.example.com', 'A', '--config', rootwalk.configFile]);
  expect(plain.code, plain.stderr).toBe(0);
  expect(plain.stdout).toContain('203.0.113.82');
  // se. is on Knot alone, and its delegations name the first leaf server alone: one server of each level must be there.
  const traced = await rootwalk.cli(['query', 'example.se', 'A', '--trace', '--config', rootwalk.configFile]);
  expect(traced.code, traced.stderr).toBe(0);
  const steps = traced.stdout + traced.stderr;
  const levels = [rootServers.flatMap(([, ...addresses]) => addresses), knotAddresses, leafOneAddresses];
  for (const addresses of levels) expect(addresses.filter((address) => steps.includes(address))).not.toEqual([]);
});

it('`query` ends with 1 when there is no answer, and says whom it asked in vain', async () => {
  const failing = await rootwalk.cli(['query', 'www.silent.com', 'A', '--config', rootwalk.configFile]);
  expect(failing.code, failing.stderr).toBe(1);
  expect(failing.stdout).toContain('SERVFAIL');
  expect(failing.stdout + failing.stderr).toMatch(/silent\.com|203\.0\.113\.250|2001:db8:1::250/);
});
