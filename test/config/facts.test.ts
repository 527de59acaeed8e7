/** The built-in facts (root servers, trust anchors, bounds) against what IANA publishes and against themselves. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DoNotQuery } from '../../src/config/do-not-query.js';
import { defaultLimits, LIMIT_NAMES, LIMITS } from '../../src/config/limits.js';
import { builtInRootHints, rootHintsFrom } from '../../src/config/root-hints.js';
import { builtInTrustAnchors, trustAnchorFromText, trustAnchorsFromFile } from '../../src/config/trust-anchors.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { hexOf } from '../../src/dns/octets.js';

const SHARED = resolve(import.meta.dirname, '../../../shared/data/root');
const absent = existsSync(SHARED) ? undefined : `needs ${SHARED}`;

describe('root hints', () => {
  it('are thirteen servers with an address of each family', () => {
    const { servers } = builtInRootHints();
    expect(servers.map(({ name }) => name)).toEqual(
      [...'abcdefghijklm'].map((letter) => nameFromText(`${letter}.root-servers.net`)),
    );
    for (const { addresses } of servers)
      expect(addresses.map((address) => address.includes(':'))).toEqual([false, true]);
  });

  it('are those of the root hints file of April 2026', ({ skip }) => {
    if (absent) skip(absent);
    const file = resolve(SHARED, 'named.root.2026-04-16');
    expect(rootHintsFrom(readFileSync(file, 'utf8'), file)).toEqual({ ok: true, hints: builtInRootHints() });
  });

  it('pass over servers without an address and records that are no hints', () => {
    const text = `
. IN NS a.root.
. IN NS b.root.
other. IN NS c.root.
a.root. IN A 192.0.2.1
a.root. IN A 192.0.2.1
a.root. IN AAAA 2001:DB8:0::1
c.root. IN A 192.0.2.3
a.root. IN TXT "hello"
`;
    expect(rootHintsFrom(text, 'hints')).toEqual({
      ok: true,
      hints: { servers: [{ name: nameFromText('a.root'), addresses: ['192.0.2.1', '2001:db8::1'] }] },
    });
  });
});

describe('trust anchors', () => {
  it('are the DS records IANA publishes and has not ended', ({ skip }) => {
    if (absent) skip(absent);
    const xml = readFileSync(resolve(SHARED, 'root-anchors.xml'), 'utf8');
    const field = (text: string, tag: string): string => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)![1]!;
    const published = [...xml.matchAll(/<KeyDigest[^>]*>[\s\S]*?<\/KeyDigest>/g)]
      .map(([text]) => text)
      .filter((text) => !/<KeyDigest[^>]*validUntil/.test(text))
      .map((text) => ['KeyTag', 'Algorithm', 'DigestType', 'Digest'].map((tag) => field(text, tag)).join(' '));
    expect(published).toHaveLength(2);
    expect(builtInTrustAnchors()).toEqual(published.map((rdata) => trustAnchorFromText(`. IN DS ${rdata}`)));
  });

  it('are read from root.key files as systems ship them', ({ skip }) => {
    if (absent) skip(absent);
    const { anchors, problems } = trustAnchorsFromFile(
      readFileSync(resolve(SHARED, 'debian-root.key'), 'utf8'),
      'root.key',
    );
    expect(problems).toEqual([]);
    expect(anchors.length).toBeGreaterThan(0);
    for (const { zone, type } of anchors) expect([zone, type]).toEqual([ROOT, Type.DNSKEY]);
  });

  it('keep the DS as given', () => {
    const anchor = trustAnchorFromText(`Example. IN DS 4660 13 2 ${'ab'.repeat(32)}`);
    expect(anchor).toMatchObject({ zone: nameFromText('example'), type: Type.DS });
    expect(hexOf(anchor.rdata)).toBe(`12340d02${'ab'.repeat(32)}`);
  });

  it.each([
    ['. IN A 192.0.2.1', /a DS or DNSKEY record, not A/],
    ['. CH DS 1 8 2 00', /not of class IN/],
    ['. IN DS 1 8 2 0011', /has 4 hexadecimal digits/],
    ['. IN DS 1 8 9 0011', /has 4 hexadecimal digits/],
    ['. IN DNSKEY 0 3 8 AwEAAQ==', /no zone key/],
    ['. IN DNSKEY 385 3 8 AwEAAQ==', /is revoked/],
    ['. IN DNSKEY 257 2 8 AwEAAQ==', /protocol field .* is not 3/],
    ['. IN DNSKEY 257 3 8 AwEAAQ==', /has 4 octets: its algorithm takes 18/],
    ['. IN DNSKEY 257 3 13 AwEAAQ==', /has 4 octets: its algorithm takes 64/],
    ['not a record', /./],
  ])('%s is refused', (line, message) => {
    expect(() => trustAnchorFromText(line)).toThrow(message);
  });

  it('a file tells all that is wrong in it', () => {
    const { anchors, problems } = trustAnchorsFromFile('. IN A 192.0.2.1\n. IN DS 1 8 2 00\n. IN DS what\n', 'my.key');
    expect(anchors).toEqual([]);
    expect(problems).toHaveLength(3);
    for (const problem of problems) expect(problem).toMatch(/^my\.key:/);
  });
});

describe('servers never asked', () => {
  const strict = new DoNotQuery({ doNotQuery: ['198.51.100.0/24', '2001:db8:bad::/48'], allowLoopback: false });
  const lab = new DoNotQuery({ doNotQuery: [], allowLoopback: true });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '224.0.0.251',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::2',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:192.0.2.1',
    'fe80::1',
    'ff02::fb',
    '100::1',
    'no address',
  ])('%s, with and without loopback', (address) => {
    expect([strict.has(address), lab.has(address)]).toEqual([true, true]);
  });

  it.each(['127.0.0.1', '127.255.0.3', '::1'])('%s unless loopback is allowed', (address) => {
    expect([strict.has(address), lab.has(address)]).toEqual([true, false]);
  });

  it.each(['198.51.100.7', '2001:db8:bad::1'])('%s when the configuration says so', (address) => {
    expect([strict.has(address), lab.has(address)]).toEqual([true, false]);
  });

  it.each([
    '10.0.0.53',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '192.0.2.1',
    '2001:db8::1',
    'fd00::53',
    '1.1.1.1',
    '::1:0:0:0:1',
  ])('%s can be asked', (address) => {
    expect(strict.has(address)).toBe(false);
  });
});

describe('limits', () => {
  it.each(LIMIT_NAMES)('%s has its default within its range, and a reason', (name) => {
    const { default: figure, min, max, because } = LIMITS[name];
    expect(min).toBeGreaterThan(0);
    expect(min).toBeLessThanOrEqual(figure);
    expect(figure).toBeLessThanOrEqual(max);
    expect(because.length).toBeGreaterThan(10);
    expect(defaultLimits()[name]).toBe(figure);
  });
});
