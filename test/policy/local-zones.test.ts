import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import { ExtendedErrorCode } from '../../src/dns/extended-error.js';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { typeFromText } from '../../src/dns/numbers.js';
import { type RRset, recordsOf } from '../../src/dns/rrset.js';
import type { LocalAnswer } from '../../src/policy/local-zone.js';
import { LocalZones } from '../../src/policy/local-zones.js';
import { recordToText } from '../../src/presentation/record-text.js';

function zonesFrom(yaml: string): LocalZones {
  const outcome = parseConfig(yaml, 'test.yaml');
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'));
  return new LocalZones(outcome.config);
}

const text = (rrset: RRset): string => [...recordsOf(rrset, false)].map(recordToText).join(' | ');

function show(answer: LocalAnswer | undefined): string {
  if (answer?.kind !== 'finding') return answer?.kind ?? 'resolve';
  const { finding } = answer;
  switch (finding.kind) {
    case 'answer':
      return text(finding.rrset);
    case 'alias':
      return `${text(finding.rrset)} => ${nameToText(finding.target)}`;
    case 'nodata':
    case 'nxdomain':
      return finding.soa === undefined
        ? finding.kind
        : `${finding.kind} ${nameToText(finding.soa.name)} ${finding.soa.ttl}`;
    default:
      return finding.kind;
  }
}

const ask = (zones: LocalZones, question: string): string => {
  const [name, type] = question.split(' ') as [string, string];
  return show(zones.answer(nameFromText(name), typeFromText(type)!));
};

const RECORDS = [
  'example. 300 IN SOA ns.example. root.example. 1 2 3 4 60',
  'www.example. 60 IN A 192.0.2.1',
  'www.example. 60 IN A 192.0.2.2',
  'a.deep.example. 60 IN TXT "x"',
  'alias.example. 60 IN CNAME www.elsewhere.',
  '*.wild.example. 60 IN A 192.0.2.9',
];

const ofType = (type: string, records = RECORDS): LocalZones =>
  zonesFrom(`local: { zones: [{ name: example, type: ${type}, records: ${JSON.stringify(records)} }] }`);

const DATA = 'www.example. 60 IN A 192.0.2.1 | www.example. 60 IN A 192.0.2.2';
const ALIAS = 'alias.example. 60 IN CNAME www.elsewhere. => www.elsewhere.';

describe('local zone types', () => {
  const questions = [
    'www.example A',
    'www.example MX',
    'alias.example A',
    'deep.example A',
    'no.example A',
    'example A',
  ];
  // biome-ignore format: a table reads better in rows
  const table: [type: string, ...answers: string[]][] = [
    ['static',             DATA, 'nodata example. 60', ALIAS, 'nodata example. 60', 'nxdomain example. 60', 'nodata example. 60'],
    ['transparent',        DATA, 'nodata example. 60', ALIAS, 'resolve', 'resolve', 'nodata example. 60'],
    ['inform',             DATA, 'nodata example. 60', ALIAS, 'resolve', 'resolve', 'nodata example. 60'],
    ['typetransparent',    DATA, 'resolve', ALIAS, 'resolve', 'resolve', 'resolve'],
    ['refuse',             DATA, 'refused', ALIAS, 'refused', 'refused', 'refused'],
    ['deny',               DATA, 'silent', ALIAS, 'silent', 'silent', 'silent'],
    ['inform_deny',        DATA, 'silent', ALIAS, 'silent', 'silent', 'silent'],
    ['always_nxdomain',    ...new Array<string>(6).fill('nxdomain example. 60')],
    ['always_nodata',      ...new Array<string>(6).fill('nodata example. 60')],
    ['always_refuse',      ...new Array<string>(6).fill('refused')],
    ['always_transparent', ...new Array<string>(6).fill('resolve')],
  ];
  it.each(table)('%s', (type, ...answers) => {
    const zones = ofType(type);
    expect(questions.map((question) => ask(zones, question))).toEqual(answers);
  });

  it('redirect answers every name with the apex, as if it stood there', () => {
    const zones = ofType('redirect', [RECORDS[0]!, 'example. 60 IN A 192.0.2.1']);
    expect(ask(zones, 'a.b.example A')).toBe('a.b.example. 60 IN A 192.0.2.1');
    expect(ask(zones, 'example A')).toBe('example. 60 IN A 192.0.2.1');
    expect(ask(zones, 'a.example AAAA')).toBe('nodata example. 60');
    expect(ask(zones, 'a.example SOA')).toBe('nodata example. 60');
    expect(ask(zones, 'example SOA')).toContain('IN SOA');
    expect(ask(ofType('redirect', ['example. 60 IN CNAME w.test.']), 'a.example A')).toBe(
      'a.example. 60 IN CNAME w.test. => w.test.',
    );
  });

  it('always_null gives the null addresses and nothing else', () => {
    const zones = ofType('always_null', []);
    expect(ask(zones, 'ads.example A')).toBe('ads.example. 10800 IN A 0.0.0.0');
    expect(ask(zones, 'ads.example AAAA')).toBe('ads.example. 10800 IN AAAA ::');
    expect(ask(zones, 'ads.example HTTPS')).toBe('nodata example. 60');
  });

  it('a CNAME question is answered with the CNAME, wildcards are not expanded', () => {
    const zones = ofType('static');
    expect(ask(zones, 'alias.example CNAME')).toBe('alias.example. 60 IN CNAME www.elsewhere.');
    expect(ask(zones, 'x.wild.example A')).toBe('nxdomain example. 60');
    expect(ask(zones, '*.wild.example A')).toBe('*.wild.example. 60 IN A 192.0.2.9');
  });

  it('RFC 2308 §2.2: a zone without SOA is given one for its denials alone, for a minute', () => {
    // A zone without records does not exist.
    expect(ask(ofType('static', []), 'example A')).toBe('nxdomain example. 60');
    const zones = ofType('static', ['www.example. IN A 192.0.2.1']);
    expect(ask(zones, 'example A')).toBe('nodata example. 60');
    expect(ask(zones, 'example SOA')).toBe('nodata example. 60');
  });

  it('says why: blocked, forged, or just local', () => {
    const codes = (type: string): unknown => {
      const answer = ofType(type, []).answer(nameFromText('x.example'), 1);
      return answer && 'because' in answer ? answer.because.map(({ code }) => code) : answer?.kind;
    };
    expect(codes('always_nxdomain')).toEqual([ExtendedErrorCode.BLOCKED]);
    expect(codes('refuse')).toEqual([ExtendedErrorCode.BLOCKED]);
    expect(codes('always_null')).toEqual([ExtendedErrorCode.FORGED_ANSWER]);
    expect(codes('static')).toEqual([ExtendedErrorCode.OTHER]);
    expect(codes('deny')).toBe('silent');
  });
});

describe('which zone decides', () => {
  const zones = zonesFrom(`
local:
  zones:
    - { name: example, type: always_nxdomain }
    - { name: good.example, type: always_transparent }
    - { name: bad.good.example, type: always_refuse }
    - { name: watched.example, type: inform }
`);

  it('the deepest', () => {
    expect(ask(zones, 'x.example A')).toBe('nxdomain example. 60');
    expect(ask(zones, 'x.good.example A')).toBe('resolve');
    expect(ask(zones, 'x.bad.good.example A')).toBe('refused');
    expect(ask(zones, 'notexample A')).toBe('resolve');
    expect(ask(zones, 'evil\\.example A')).toBe('resolve');
    expect(ask(zones, '. NS')).toBe('resolve');
  });

  it('for DS of an apex, the one above (RFC 4034 §5)', () => {
    expect(ask(zones, 'example DS')).toBe('resolve');
    expect(ask(zones, 'watched.example DS')).toBe('nxdomain example. 60');
    expect(ask(zones, 'home.arpa DS')).toBe('resolve');
    // RFC 6761 §6.3, RFC 7686 §2: nobody else is asked about these, whatever the type.
    for (const name of ['localhost', 'onion', 'test']) expect(ask(zones, `${name} DS`)).toMatch(/^nodata/);
    expect(ask(zones, 'x.home.arpa DS')).toBe('nxdomain home.arpa. 10800');
  });

  it('and whether its queries are logged', () => {
    const logged = (name: string): string | undefined => {
      const zone = zones.loggedZone(nameFromText(name));
      return zone && nameToText(zone);
    };
    expect(logged('x.watched.example')).toBe('watched.example.');
    expect(logged('x.example')).toBeUndefined();
    expect(logged('elsewhere')).toBeUndefined();
    expect(zonesFrom('').loggedZone(nameFromText('x.watched.example'))).toBeUndefined();
  });
});

describe('special-use names', () => {
  const zones = zonesFrom('');
  const soa = (zone: string): string => `${zone} 10800`;

  it.each([
    ['localhost A', 'localhost. 10800 IN A 127.0.0.1'],
    ['localhost AAAA', 'localhost. 10800 IN AAAA ::1'],
    ['a.b.localhost A', 'a.b.localhost. 10800 IN A 127.0.0.1'],
    ['a.localhost MX', `nodata ${soa('localhost.')}`],
    ['localhost NS', 'localhost. 10800 IN NS localhost.'],
    ['1.0.0.127.in-addr.arpa PTR', '1.0.0.127.in-addr.arpa. 10800 IN PTR localhost.'],
    ['2.0.0.127.in-addr.arpa PTR', `nxdomain ${soa('127.in-addr.arpa.')}`],
    [`1.${'0.'.repeat(31)}ip6.arpa PTR`, `1.${'0.'.repeat(31)}ip6.arpa. 10800 IN PTR localhost.`],
    [`0.${'0.'.repeat(31)}ip6.arpa PTR`, `nodata ${soa(`0.${'0.'.repeat(31)}ip6.arpa.`)}`],
    ['x.invalid A', `nxdomain ${soa('invalid.')}`],
    ['x.test A', `nxdomain ${soa('test.')}`],
    ['test A', `nodata ${soa('test.')}`],
    ['facebookcorewwwi.onion A', `nxdomain ${soa('onion.')}`],
    ['printer.local A', `nxdomain ${soa('local.')}`],
    ['x.alt A', `nxdomain ${soa('alt.')}`],
    ['x.internal A', `nxdomain ${soa('internal.')}`],
    ['nas.home.arpa A', `nxdomain ${soa('home.arpa.')}`],
    ['_dns.resolver.arpa SVCB', `nodata ${soa('resolver.arpa.')}`],
    ['x.resolver.arpa A', `nodata ${soa('resolver.arpa.')}`],
    ['default.service.arpa A', `nxdomain ${soa('service.arpa.')}`],
    ['ipv4only.arpa A', 'ipv4only.arpa. 10800 IN A 192.0.0.170 | ipv4only.arpa. 10800 IN A 192.0.0.171'],
    ['ipv4only.arpa AAAA', `nodata ${soa('ipv4only.arpa.')}`],
    ['1.0.0.10.in-addr.arpa PTR', `nxdomain ${soa('10.in-addr.arpa.')}`],
    ['1.31.172.in-addr.arpa PTR', `nxdomain ${soa('31.172.in-addr.arpa.')}`],
    ['1.32.172.in-addr.arpa PTR', 'resolve'],
    ['15.172.in-addr.arpa PTR', 'resolve'],
    ['1.127.100.in-addr.arpa PTR', `nxdomain ${soa('127.100.in-addr.arpa.')}`],
    ['1.128.100.in-addr.arpa PTR', 'resolve'],
    ['63.100.in-addr.arpa PTR', 'resolve'],
    ['1.0.d.f.ip6.arpa PTR', `nxdomain ${soa('d.f.ip6.arpa.')}`],
    ['b.e.f.ip6.arpa SOA', 'b.e.f.ip6.arpa. 10800 IN SOA b.e.f.ip6.arpa. nobody.invalid. 1 3600 1200 604800 10800'],
    ['x.8.b.d.0.1.0.0.2.ip6.arpa PTR', `nxdomain ${soa('8.b.d.0.1.0.0.2.ip6.arpa.')}`],
    ['www.example A', 'resolve'],
    ['www.example.com A', 'resolve'],
    ['in-addr.arpa NS', 'resolve'],
    ['arpa SOA', 'resolve'],
  ])('%s', (question, answer) => {
    expect(ask(zones, question)).toBe(answer);
  });

  it('say which document asks for it', () => {
    const answer = zones.answer(nameFromText('x.onion'), 1);
    expect(answer).toMatchObject({
      because: [{ code: ExtendedErrorCode.OTHER, text: expect.stringContaining('RFC 7686') }],
    });
  });

  it('can be switched off', () => {
    expect(ask(zonesFrom('local: { specialUse: false }'), 'localhost A')).toBe('resolve');
  });

  it('give way to zones of the configuration', () => {
    const own = zonesFrom(
      'local: { zones: [{ name: home.arpa, type: transparent, records: ["nas.home.arpa. 60 IN A 192.168.1.9"] }] }',
    );
    expect(ask(own, 'nas.home.arpa A')).toBe('nas.home.arpa. 60 IN A 192.168.1.9');
    expect(ask(own, 'x.home.arpa A')).toBe('resolve');
  });

  it('give way to routes at or below them, and to those only', () => {
    const routed = zonesFrom(`
zones:
  - { name: home.arpa, type: forward, servers: ["192.168.1.1"] }
  - { name: 5.10.in-addr.arpa, type: stub, servers: ["10.0.0.1"] }
  - { name: 168.192.in-addr.arpa, type: forward, servers: [] }
  - { name: ., type: forward, servers: ["192.168.1.2"] }
`);
    expect(ask(routed, 'nas.home.arpa A')).toBe('resolve');
    expect(ask(routed, 'home.arpa A')).toBe('resolve');
    expect(ask(routed, '1.5.10.in-addr.arpa PTR')).toBe('resolve');
    expect(ask(routed, '5.10.in-addr.arpa DS')).toBe('resolve');
    expect(ask(routed, '1.6.10.in-addr.arpa PTR')).toBe('nxdomain 10.in-addr.arpa. 10800');
    expect(ask(routed, '1.168.192.in-addr.arpa PTR')).toBe('nxdomain 168.192.in-addr.arpa. 10800');
    expect(ask(routed, 'x.onion A')).toBe('nxdomain onion. 10800');
    // A forwarder may make AAAA for it: NAT64 discovery (RFC 7050) goes through.
    expect(ask(routed, 'ipv4only.arpa AAAA')).toBe('resolve');
  });

  it('a route inside a zone of the configuration makes no hole in that zone', () => {
    const both = zonesFrom(`
zones: [{ name: 5.10.in-addr.arpa, type: stub, servers: ["10.0.0.1"] }]
local: { zones: [{ name: 10.in-addr.arpa, type: always_refuse }] }
`);
    expect(ask(both, '1.5.10.in-addr.arpa PTR')).toBe('refused');
  });
});
