import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { configProblemToText, loadConfig, parseConfig } from '../../src/config/load-config.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rootwalk-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const inFolder = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};

function good(text: string, file = join(directory, 'rootwalk.yaml')): Config {
  const outcome = parseConfig(text, file);
  if (!outcome.ok) throw new Error(outcome.problems.map(configProblemToText).join('\n'));
  return outcome.config;
}

/** "line:column key: message" of every problem. */
function bad(text: string): string[] {
  const outcome = parseConfig(text, join(directory, 'rootwalk.yaml'));
  if (outcome.ok) throw new Error('no problem was found');
  return outcome.problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
}

describe('defaults', () => {
  it('are a complete configuration without any file', () => {
    const outcome = loadConfig(undefined);
    if (!outcome.ok) throw new Error('defaults are not valid');
    const { config } = outcome;
    expect(config.listen.map(({ key }) => key)).toEqual(['127.0.0.1:5300', '[::1]:5300']);
    expect(config.http).toMatchObject({ listen: { key: '127.0.0.1:8053' }, token: undefined });
    expect(config.access).toEqual({ allow: ['127.0.0.0/8', '::1/128'], snoop: ['127.0.0.0/8', '::1/128'], notify: [] });
    expect(config.upstream).toMatchObject({ port: 53, ipv6: true, qnameMinimisation: 'relaxed', ednsBufferSize: 1232 });
    expect(config.cache).toMatchObject({ maxSize: 256 * 2 ** 20, minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600 });
    expect(config.limits).toMatchObject({ exchanges: 128, aliases: 11, wallTime: 5000, shadow: [] });
    expect(config.rootHints.servers).toHaveLength(13);
    expect(config.dnssec.trustAnchors).toHaveLength(2);
    expect(config).toMatchObject({ user: null, zones: [], local: { specialUse: true, file: null, zones: [] } });
    expect(config.log).toEqual({ level: 'info', queries: false });
  });

  it('stand for sections that are empty, and for an empty file', () => {
    const defaults = good('');
    expect(good('cache:\nzones:\n# comment\nuser: null\n')).toEqual(defaults);
    expect(good('--- # nothing\n')).toEqual(defaults);
  });
});

describe('values', () => {
  it('become what the rest of the program works with', () => {
    const config = good(`
listen: ["0.0.0.0:53", "[::]:53"]
http: false
user: nobody:nogroup
rateLimit: false
upstream: { port: 5353, ipv6: auto, allowLoopback: true, privateAddresses: [10.0.0.0/8], doNotQuery: ["2001:db8::/32"] }
zones:
  - { name: Corp.Example, type: forward, servers: ["192.0.2.1:53", "2001:db8::1", "[2001:DB8::2]:5353"] }
  - { name: lan.example., type: stub, servers: ["192.0.2.2"], fallback: true }
dnssec:
  mode: off
  trustAnchors: ["example. IN DS 1 8 1 0123456789abcdef0123456789abcdef01234567"]
  negativeTrustAnchors: [broken.example, { name: late.example, until: 2026-07-01T12:00:00+02:00, reason: rollover }]
  validationTime: "2026-01-01T00:00:00Z"
cache: { maxSize: 512MB, minTtl: 5 }
limits: { exchanges: 200, shadow: [exchanges, depth] }
local:
  zones: [{ name: lan.example, records: ["nas.lan.example. 60 IN A 192.0.2.7"] }]
`);
    expect(config.http).toBe(false);
    expect(config.user).toEqual({ user: 'nobody', group: 'nogroup' });
    expect(config.zones.map((zone) => zone.servers.map(({ key }) => key))).toEqual([
      ['192.0.2.1:53', '[2001:db8::1]:53', '[2001:db8::2]:5353'],
      ['192.0.2.2:53'],
    ]);
    expect(config.zones[0]).toMatchObject({ name: nameFromText('corp.example'), fallback: false });
    expect(config.dnssec.trustAnchors).toMatchObject([{ zone: nameFromText('example'), type: Type.DS }]);
    expect(config.dnssec.negativeTrustAnchors).toEqual([
      { name: nameFromText('broken.example'), until: null, reason: '' },
      { name: nameFromText('late.example'), until: Date.UTC(2026, 6, 1, 10), reason: 'rollover' },
    ]);
    expect(config.dnssec.validationTime).toBe(Date.UTC(2026, 0, 1));
    expect(config.cache.maxSize).toBe(512_000_000);
    expect(config.limits).toMatchObject({ exchanges: 200, aliases: 11, shadow: ['exchanges', 'depth'] });
    expect(config.local.zones[0]).toMatchObject({ type: 'static', records: [{ ttl: 60, type: Type.A }] });
  });

  it('takes users by name, number and with a group', () => {
    expect(good('user: dns').user).toEqual({ user: 'dns', group: undefined });
    expect(good('user: 65534').user).toEqual({ user: 65_534, group: undefined });
    expect(good('user: "65534:53"').user).toEqual({ user: 65_534, group: 53 });
    expect(bad('user: -1')[0]).toMatch(/user: must be a whole number from 0/);
    expect(bad('user: true')[0]).toMatch(/user: must be a text or a whole number from 0/);
  });

  it('names to be kept warm are for both kinds of address, or for the type that stands with them', () => {
    const { keepWarm } = good('cache: { keepWarm: [WWW.example, { name: example., type: mx }] }').cache;
    const [www, apex] = [nameFromText('www.example.'), nameFromText('example.')];
    expect(keepWarm.flat()).toEqual([
      { name: www, type: Type.A },
      { name: www, type: Type.AAAA },
      { name: apex, type: Type.MX },
    ]);
    expect(bad('cache: { keepWarm: [{ name: a., type: ANY }] }')[0]).toMatch(/keepWarm/);
    expect(bad(`cache: { keepWarm: [${Array(1001).fill('a.').join()}] }`)[0]).toMatch(/not be more than 1000 names/);
  });

  it('stale answers and prefetching are on unless turned off', () => {
    expect(good('').cache).toMatchObject({
      prefetch: true,
      keepWarm: [],
      serveStale: { maxAge: 86_400, answerTtl: 30, clientTimeout: 1800 },
    });
    expect(good('cache: { serveStale: false, prefetch: false }').cache).toMatchObject({ serveStale: false });
    expect(bad('cache: { serveStale: { answerTtl: 0 } }')[0]).toMatch(/answerTtl: must be a whole number from 1/);
  });

  it('accepts keys of features to come while they are off', () => {
    const config = good(`
rateLimit: false
dnssec: { mode: off, nsec3MaxIterations: 150, legacyAlgorithms: [3, 6] }
cache: { eviction: lru, persistence: false, shared: false }
`);
    expect(config.dnssec).toMatchObject({ mode: 'off', nsec3MaxIterations: 150, legacyAlgorithms: [3, 6] });
  });

  it('names the key and what to write when a feature to come is on', () => {
    const problems = bad(`rateLimit: { queriesPerSecond: 10 }
dnssec: { mode: permissive }
cache:
`);
    expect(problems).toEqual([
      '1:12 rateLimit: rateLimit is not available yet: write "rateLimit: false", or leave the key out',
    ]);
  });
});

describe('cache.persistence', () => {
  it('has defaults but for the directory, which is relative to the file', () => {
    expect(good('cache: { persistence: { directory: kept } }').cache.persistence).toEqual({
      directory: join(directory, 'kept'),
      snapshotInterval: 300,
      journal: 'everysec',
    });
    expect(
      good('cache: { persistence: { directory: /kept, snapshotInterval: false, journal: no } }').cache,
    ).toMatchObject({
      persistence: { snapshotInterval: false, journal: 'no' },
    });
  });

  it('needs a directory, and something to keep the cache with', () => {
    expect(bad('cache: { persistence: { journal: off } }')[0]).toMatch(/cache.persistence.directory/);
    expect(bad('cache: { persistence: { directory: /kept, snapshotInterval: false, journal: off } }')).toEqual([
      expect.stringMatching(/cache.persistence.journal: neither snapshots nor a journal: nothing would be kept/),
    ]);
  });

  it('has its directory looked at when there is a system to ask', () => {
    const outcome = parseConfig('cache: { persistence: { directory: /kept } }', 'test.yaml', {
      accountProblem: () => undefined,
      directoryProblem: (directory) => `${directory} is full of mice`,
    });
    expect(outcome.ok ? [] : outcome.problems).toMatchObject([
      { line: 1, key: 'cache.persistence.directory', message: '/kept is full of mice' },
    ]);
  });
});

describe('mistakes', () => {
  it('are all told at once, each where it stands', () => {
    const text = `listen: ["127.0.0.1", "localhost:53", "127.0.0.1:99999"]
thread: 1
user: "no body"
http: { listen: "0.0.0.0:8053", port: 80 }
access:
  allow: [10.0.0.0/33]
  snoop: 127.0.0.1
upstream:
  ipv4: yes
  qnameMinimization: off
  ednsBufferSize: 100
  caseRandomisation: "true"
zones:
  - { name: "a..b", type: forward, servers: ["192.0.2.1@53"] }
  - { type: stub }
dnssec: { trustAnchors: [". IN A 192.0.2.1"], validationTime: yesterday }
cache:
  maxTTL: 5
  maxSize: lots
limits:
  exchanges: 0
  wallTime: 5s
local:
  zones: [{ name: x.example, type: sticky, records: ["y.example. A 300.0.0.1"] }]
maxNegativeTtl: 60
`;
    expect(bad(text)).toMatchInlineSnapshot(`
      [
        "1:10 listen[0]: "127.0.0.1" has no port: write "192.0.2.1:53" or "[2001:db8::1]:53"",
        "1:23 listen[1]: "localhost:53" is not an IP address (names are not looked up here): write "192.0.2.1:53" or "[2001:db8::1]:53"",
        "1:39 listen[2]: "99999" in "127.0.0.1:99999" is not a port: write a number from 0 to 65535",
        "2:1 thread: unknown key "thread": did you mean "threads"?",
        "3:7 user: "no body" is not a user: write "user" or "user:group"",
        "4:17 http.listen: 0.0.0.0:8053 can be reached by others and there is no token: set http.token or http.tokenFile, or listen on 127.0.0.1",
        "4:33 http.port: unknown key "port": did you mean upstream.port? known here: listen, token, tokenFile",
        "6:11 access.allow[0]: "10.0.0.0/33": prefix length is 0..32",
        "7:10 access.snoop: must be a list, not "127.0.0.1"",
        "9:9 upstream.ipv4: must be true or false, not "yes" (YAML 1.2 knows true and false only)",
        "10:3 upstream.qnameMinimization: unknown key "qnameMinimization": did you mean "qnameMinimisation"?",
        "11:19 upstream.ednsBufferSize: must be a whole number from 512 to 65535, not 100",
        "12:22 upstream.caseRandomisation: must be true or false, not "true"",
        "14:13 zones[0].name: "a..b" is not a domain name: it has an empty label",
        "14:46 zones[0].servers[0]: "192.0.2.1@53" is not an IP address (the port follows a colon here, not "@"): write "192.0.2.1:53" or "[2001:db8::1]:53"",
        "15:5 zones[1].name: must be a text, and it is missing",
        "16:26 dnssec.trustAnchors[0]: a trust anchor is a DS or DNSKEY record, not A",
        "16:63 dnssec.validationTime: "yesterday" is not a time: write it like 2026-07-01T12:00:00Z",
        "18:3 cache.maxTTL: unknown key "maxTTL": did you mean "maxTtl"?",
        "19:12 cache.maxSize: "lots" is not a size: write a number of octets or one with a unit, like 256MiB or 1GB",
        "21:14 limits.exchanges: must be a whole number from 1 to 10000, not 0",
        "22:13 limits.wallTime: must be a whole number from 100 to 60000, not "5s"",
        "24:36 local.zones[0].type: must be static, transparent, typetransparent, redirect, refuse, deny, inform, inform_deny, always_nxdomain, always_nodata, always_refuse, always_transparent, always_null, not "sticky"",
        "24:54 local.zones[0].records[0]: "300.0.0.1" is not an IPv4 address",
        "25:1 maxNegativeTtl: unknown key "maxNegativeTtl": did you mean cache.maxNegativeTtl? known here: listen, threads, user, http, access, rateLimit, rootHints, upstream, zones, dnssec, cache, limits, local, log",
      ]
    `);
  });

  it.each([
    [
      'listen: ["127.0.0.1:53", "[::1]:53", "127.0.0.1:53"]',
      /^1:\d+ listen\[2\]: 127\.0\.0\.1:53 is listened on twice/,
    ],
    ['listen: ["127.0.0.1:8053"]', /http\.listen: 127\.0\.0\.1:8053 is taken by DNS over TCP/],
    ['cache: { minTtl: 100, maxTtl: 50 }', /^1:18 cache\.minTtl: minTtl 100 is above maxTtl 50/],
    [
      'zones: [{ name: a, type: forward }, { name: A., type: stub, servers: [192.0.2.1] }]',
      /zones\[1\]: a\. stands twice/,
    ],
    ['zones: [{ name: a, type: stub }]', /zones\[0\]\.servers: the stub zone a\. needs servers/],
    [
      'zones: [{ name: a, type: stub, servers: [192.0.2.1, "192.0.2.1:53"] }]',
      /servers\[1\]: .* is listed twice for a\./,
    ],
    ['upstream: { ipv4: false, ipv6: false }', /upstream\.ipv6: ipv4 and ipv6 are both false/],
    [
      'limits: { firstTimeout: 5000, maxTimeout: 1000 }',
      /limits\.firstTimeout: firstTimeout 5000 is above maxTimeout 1000/,
    ],
    ['limits: { shadow: [everything] }', /limits\.shadow\[0\]: must be exchanges, nsLookups, .*, not "everything"/],
    ['http: { token: secret }', /http\.token: the token must have at least 16/],
    ['http: { listen: "192.0.2.1:80" }', /http\.listen: .* there is no token: set http\.token or/],
    ['local: { zones: [{ name: a, records: ["b. 60 IN A 192.0.2.1"] }] }', /records\[0\]: b\. is not in the zone a\./],
    [
      'local: { zones: [{ name: a, records: ["a. 60 CH A 192.0.2.1"] }] }',
      /records\[0\]: a\. is of class CH: local zones are of class IN/,
    ],
    ['local: { zones: [{ name: a }, { name: a }] }', /local\.zones\[1\]: a\. stands twice in local\.zones/],
    [
      'local: { zones: [{ name: a, type: redirect, records: ["x.a. 60 IN A 192.0.2.1"] }] }',
      /records\[0\]: x\.a\. is below a\.: a redirect zone answers every name/,
    ],
    [
      'local: { zones: [{ name: a, records: ["x.a. 60 IN CNAME b.", "x.a. 60 IN A 192.0.2.1"] }] }',
      /records\[1\]: x\.a\. has a CNAME and can have no other record/,
    ],
    ['rootHints: ""', /^1:12 rootHints: is empty: write a path/],
    ['rootHints: missing.root', /^1:12 rootHints: cannot read .*missing\.root/],
    ['dnssec: { trustAnchors: { file: missing.key } }', /dnssec\.trustAnchors\.file: cannot read/],
    ['http: { tokenFile: missing.token }', /http\.tokenFile: cannot read/],
    ['user: "a:b:c"', /user: "a:b:c" is not a user: write "user" or "user:group"/],
    ['cache: { shared: { url: "http://x" } }', /cache\.shared\.url: .* write it like "redis:/],
    [
      'cache: { shared: { url: "redis://x" } }',
      /cache\.shared: .* set secret or secretFile; make one with "openssl rand/,
    ],
    ['cache: { maxSize: 1KiB }', /cache\.maxSize: must be from 64KiB to 16GiB/],
    ['cache: { maxSize: 17GiB }', /cache\.maxSize: must be from 64KiB to 16GiB/],
    ['cache: { prefetch: }', /cache\.prefetch: must be true or false, and it is empty/],
    [
      'upstream: { port: "53" }',
      /upstream\.port: must be a whole number from 1 to 65535, not "53" \(leave out the quotes\)/,
    ],
    ['- just\n- a list', /^1:1 : a configuration is made of keys/],
    ['a: &x [1]\nb: [*x', /^2:\d+ : not YAML/],
  ])('%s', (text, expected) => {
    const problems = bad(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it('of a section are told with those between its other values, and with what is not there yet', () => {
    const problems = bad(`
listen: [nowhere, "127.0.0.1:53", "[::1]:53", "127.0.0.1:53"]
http: { listen: "192.0.2.1:80", port: 1 }
upstream: { ipv4: false, ipv6: false, cookies: 7 }
zones:
  - { name: a..b, type: stub }
  - { type: forward, servers: [192.0.2.1, nobody] }
  - { name: x.example, type: forwrad }
  - { name: y.example, type: stub }
  - { name: z.example, type: stub, servers: [192.0.2.1, wrong, 192.0.2.1] }
  - { name: y.example, type: forward }
cache: { minTtl: 100, maxTtl: 50, maxSize: lots, shared: { url: "redis://127.0.0.1" } }
limits: { firstTimeout: 5000, maxTimeout: 1000, exchanges: 0 }
local: { zones: [{ type: static }, { name: l, records: ["l. A 1.2.3", "m. 60 IN A 192.0.2.1"] }] }
`);
    expect(problems.map((problem) => problem.replace(/^(\d+):\d+ /, '$1 '))).toEqual([
      expect.stringMatching(/^2 listen\[0\]: "nowhere" is not an IP/),
      expect.stringMatching(/^2 listen\[3\]: 127\.0\.0\.1:53 is listened on twice/),
      expect.stringMatching(/^3 http\.listen: .* there is no token/),
      expect.stringMatching(/^3 http\.port: unknown key/),
      expect.stringMatching(/^4 upstream\.ipv6: ipv4 and ipv6 are both false/),
      expect.stringMatching(/^4 upstream\.cookies: must be true or false/),
      expect.stringMatching(/^6 zones\[0\]\.name: "a\.\.b"/),
      expect.stringMatching(/^7 zones\[1\]\.name: must be a text, and it is missing/),
      expect.stringMatching(/^7 zones\[1\]\.servers\[1\]: "nobody"/),
      '8 zones[2].type: must be forward, stub, not "forwrad": did you mean forward?',
      expect.stringMatching(/^9 zones\[3\]\.servers: the stub zone y\.example\. needs servers/),
      expect.stringMatching(/^10 zones\[4\]\.servers\[1\]: "wrong"/),
      expect.stringMatching(/^10 zones\[4\]\.servers\[2\]: .* is listed twice/),
      expect.stringMatching(/^11 zones\[5\]: y\.example\. stands twice/),
      expect.stringMatching(/^12 cache\.minTtl: minTtl 100 is above maxTtl 50/),
      expect.stringMatching(/^12 cache\.maxSize: "lots"/),
      expect.stringMatching(/^12 cache\.shared: .*secret/),
      expect.stringMatching(/^13 limits\.firstTimeout: .* is above maxTimeout/),
      expect.stringMatching(/^13 limits\.exchanges: /),
      expect.stringMatching(/^14 local\.zones\[0\]\.name: /),
      expect.stringMatching(/^14 local\.zones\[1\]\.records\[0\]: /),
      expect.stringMatching(/^14 local\.zones\[1\]\.records\[1\]: m\. is not in the zone l\./),
    ]);
  });

  it.each([
    ['cache: { minTtl: 90000, maxTtl: never }', /maxTtl: must be/],
    ['http: { listen: "192.0.2.1:80", token: short }', /http\.token: the token must have/],
    ['zones: [{ name: a, type: stub, servers: [nobody] }]', /servers\[0\]: /],
    ['limits: { firstTimeout: 5000, maxTimeout: 1 }', /limits\.maxTimeout: must be/],
    ['cache: { minTtl: -1.5 }', /cache\.minTtl: must be a whole number from 0/],
    ['access: { allow: [10.0.0.1/8] }', /inside 10\.0\.0\.0\/8: write 10\.0\.0\.0\/8, or 10\.0\.0\.1 for it alone/],
    ['access: { snoop: ["2001:db8::1/33"] }', /inside 2001:db8::\/33: write/],
    ['upstream: { qnameMinimisation: relxed }', /did you mean relaxed\?/],
  ])('%s is one mistake, not two', (text, expected) => {
    const problems = bad(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it('a feature to come that is configured wrongly is told of both', () => {
    expect(bad('rateLimit: { queriesPerSecond: -1 }')).toEqual([
      expect.stringMatching(/rateLimit: .* not available yet/),
      expect.stringMatching(/rateLimit\.queriesPerSecond: must be a whole number from 1/),
    ]);
  });

  it('a forward zone without servers takes its subtree out', () => {
    const config = good('zones: [{ name: a.example, type: forward, servers: [] }]\naccess: { allow: [0.0.0.0/0] }');
    expect(config.zones[0]).toMatchObject({ type: 'forward', servers: [] });
  });

  it('a key given twice is told with its line, along with the other mistakes', () => {
    expect(bad('cache:\n  minTtl: 1\n  minTtl: 2\n  maxTtl: -1\nlog: {}\nlog: {}\n')).toEqual([
      '3:3 cache.minTtl: the key "minTtl" stands twice in this section: keep one of them',
      '4:11 cache.maxTtl: must be a whole number from 0 to 2147483647, not -1',
      '6:1 log: the key "log" stands twice in this section: keep one of them',
    ]);
  });

  it.each([
    ['cache: { maxttl: 1 }', 'cache.maxttl: unknown key "maxttl": did you mean "maxTtl"?'],
    ['cache: { max-ttl: 1 }', 'cache.max-ttl: unknown key "max-ttl": did you mean "maxTtl"?'],
    ['upstream: { maxTtl: 1 }', 'upstream.maxTtl: unknown key "maxTtl": did you mean cache.maxTtl? known here: port'],
    ['aliases: 3', 'aliases: unknown key "aliases": did you mean limits.aliases? known here: listen'],
    ['zones: [{ nmae: a, name: a, type: forward }]', 'zones[0].nmae: unknown key "nmae": did you mean "name"?'],
    ['log: { colour: 1 }', 'log.colour: unknown key "colour": known here: level, queries'],
    ['__proto__: 1', '__proto__: unknown key "__proto__": known here: listen,'],
    ['cache: { __proto__: { maxTtl: 7 } }', 'cache.__proto__: unknown key'],
  ])('unknown key: %s', (text, expected) => {
    const problems = bad(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  it('aliases that multiply without measure are refused', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    expect(bad(`l0: &l0 [x]\n${levels.join('\n')}\n`).join()).toMatch(/alias/i);
  });

  it.each([
    ['lists in lists', '['.repeat(20_000)],
    ['lists of lists', '- '.repeat(20_000)],
    ['sections in sections', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
    ['keys that are keys', '? '.repeat(20_000)],
  ])('%s without end are refused', (_, text) => {
    expect(bad(text)).toEqual(['1:1 : sections nest more than 100 deep or are indented that far']);
  });

  it('a file that cannot be read is a problem with its name', () => {
    const file = join(directory, 'absent.yaml');
    expect(loadConfig(file)).toMatchObject({ ok: false, problems: [{ file, line: 1, column: 1 }] });
  });

  it('any text gives an outcome, with positions inside the text', () => {
    const word = fc.constantFrom(
      'listen',
      'cache',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      'maxTtl',
      '1',
      '&a',
      '*a',
      '!!x',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const outcome = parseConfig(source, 'any.yaml');
        const lines = source.split(/\r\n|\r|\n/).length;
        for (const { line, column } of outcome.ok ? [] : outcome.problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines + 1);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('files a configuration names', () => {
  it('are found beside it and read', () => {
    inFolder('hints.zone', '. 3600000 IN NS k.root.\nk.root. 3600000 IN A 192.0.2.53\n');
    inFolder('root.key', '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n');
    inFolder('token', '0123456789abcdef0123\n');
    const file = inFolder(
      'full.yaml',
      'rootHints: hints.zone\ndnssec: { trustAnchors: { file: root.key } }\nhttp: { listen: "0.0.0.0:80", tokenFile: token }\n',
    );
    const outcome = loadConfig(file);
    if (!outcome.ok) throw new Error(outcome.problems.map(configProblemToText).join('\n'));
    expect(outcome.config.rootHints.servers).toEqual([{ name: nameFromText('k.root'), addresses: ['192.0.2.53'] }]);
    expect(outcome.config.dnssec.trustAnchors).toMatchObject([{ zone: ROOT, type: Type.DS }]);
    expect(outcome.config.http).toMatchObject({ token: '0123456789abcdef0123' });
  });

  it('are checked: what is wrong in them is told with their name and line', () => {
    inFolder('empty.zone', '; nothing\n');
    inFolder('lame.zone', '. 1 IN NS a.root.\n');
    inFolder('broken.zone', '. 1 IN NS a.root.\na.root. 1 IN A 1.2.3\n');
    inFolder('short', 'abc\n');
    expect(bad('rootHints: empty.zone')[0]).toMatch(/rootHints: empty\.zone: no NS record of the root/);
    expect(bad('rootHints: lame.zone')[0]).toMatch(/rootHints: lame\.zone: none of its root servers has an A or AAAA/);
    expect(bad('rootHints: broken.zone')[0]).toMatch(/rootHints: broken\.zone:2: /);
    expect(bad('rootHints: .')[0]).toMatch(/rootHints: .* is not a file/);
    expect(bad('dnssec: { trustAnchors: [{ file: empty.zone }] }')[0]).toMatch(/no DS or DNSKEY record/);
    expect(bad('http: { tokenFile: short }')[0]).toMatch(/http\.tokenFile: short: the token must have at least 16/);
    expect(bad('http: { tokenFile: short, token: 0123456789abcdefx }')[0]).toMatch(/the token is given twice/);
  });
});
