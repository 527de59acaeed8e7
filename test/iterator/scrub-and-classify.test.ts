import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { isAtOrBelow, nameFromText, nameToText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { classify, type Step } from '../../src/iterator/classify.js';
import { type ScrubRules, scrub } from '../../src/iterator/scrub.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';

const rules: ScrubRules = {
  zone: nameFromText('example.com.'),
  name: nameFromText('www.example.com.'),
  type: Type.A,
  maxAliases: 11,
  maxServers: 13,
  maxAddresses: 6,
  maxRecords: 256,
  isPrivate: undefined,
};

interface Said {
  readonly rcode?: number;
  readonly aa?: boolean;
  readonly ra?: boolean;
  readonly answer?: string;
  readonly authority?: string;
  readonly additional?: string;
}

function message(said: Said): Message {
  const records = (text = '') => parseMasterFile(text, { defaultTtl: 60 }).records;
  return {
    id: 1,
    opcode: 0,
    rcode: said.rcode ?? Rcode.NOERROR,
    qr: true,
    aa: said.aa ?? true,
    tc: false,
    rd: false,
    ra: said.ra ?? false,
    ad: false,
    cd: false,
    questions: [],
    answer: records(said.answer),
    authority: records(said.authority),
    additional: records(said.additional),
    edns: undefined,
  };
}

const step = (said: Said, change: Partial<ScrubRules> = {}, recursive = false): Step =>
  classify(scrub(message(said), { ...rules, ...change }, undefined), recursive);

const kind = (said: Said, change: Partial<ScrubRules> = {}, recursive = false): string => {
  const found = step(said, change, recursive);
  return found.kind === 'finding' ? found.finding.kind : found.kind;
};

const soa = 'example.com. SOA ns. host. 1 2 3 4 5';

describe('what a reply is', () => {
  test.each<[string, Said, string]>([
    ['an answer', { answer: 'www.example.com. A 192.0.2.1' }, 'answer'],
    ['an answer without AA', { aa: false, answer: 'www.example.com. A 192.0.2.1' }, 'answer'],
    ['an alias', { answer: 'www.example.com. CNAME x.example.net.' }, 'alias'],
    [
      'an alias with NXDOMAIN, which is about its target',
      { rcode: 3, answer: 'www.example.com. CNAME x.example.com.', authority: soa },
      'alias',
    ],
    ['no data', { authority: soa }, 'nodata'],
    ['a name error', { rcode: 3, authority: soa }, 'nxdomain'],
    ['a name error without SOA', { rcode: 3 }, 'nxdomain'],
    ['a referral', { aa: false, authority: 'www.example.com. NS ns.example.net.' }, 'referral'],
    [
      'glue beside a referral',
      { aa: false, answer: 'www.example.com. A 192.0.2.1', authority: 'www.example.com. NS ns.example.net.' },
      'referral',
    ],
    ['a referral back up', { aa: false, authority: 'com. NS ns.example.net.' }, 'lame'],
    ['a referral to the zone itself', { aa: false, authority: 'example.com. NS ns.example.net.' }, 'lame'],
    ['no data from a server that puts NS instead of SOA', { authority: 'example.com. NS ns.example.net.' }, 'nodata'],
    ['a recursive server', { aa: false, ra: true }, 'lame'],
    ['a name error from a recursive server', { aa: false, ra: true, rcode: 3, authority: soa }, 'lame'],
    ['nothing at all', {}, 'vague'],
    ['a refusal', { rcode: 5 }, 'unusable'],
    ['a failure', { rcode: 2 }, 'unusable'],
    ['only sideways NS', { aa: false, authority: 'other.com. NS ns.example.net.' }, 'vague'],
    ['records of another name', { answer: 'mail.example.com. A 192.0.2.1' }, 'vague'],
    ['records of another zone', { answer: 'www.example.net. A 192.0.2.1', authority: soa }, 'nodata'],
  ])('%s', (_title, said, expected) => {
    expect(kind(said)).toBe(expected);
  });

  test('a forwarder is believed where an authoritative server would be lame', () => {
    expect(kind({ aa: false, ra: true }, {}, true)).toBe('nodata');
    expect(kind({ aa: false, ra: true, rcode: 3, authority: soa }, {}, true)).toBe('nxdomain');
  });

  test('RFC 6672 §2.2: a DNAME that makes too long a name', () => {
    const long = `${'a'.repeat(60)}.`.repeat(4);
    const answer = `b.example.com. DNAME ${long}`;
    expect(kind({ rcode: Rcode.YXDOMAIN, answer }, { name: nameFromText(`${'x'.repeat(30)}.b.example.com.`) })).toBe(
      'too-long',
    );
  });

  test('the CNAME beside a DNAME is ours, not the server’s', () => {
    const answer = 'b.example.com. DNAME c.example.com.\nx.b.example.com. CNAME evil.example.net.';
    const found = step({ answer }, { name: nameFromText('x.b.example.com.') });
    expect(found.kind === 'alias' && nameToText(found.chain[0].target)).toBe('x.c.example.com.');
  });

  test('a chain ends where the zone ends', () => {
    const answer =
      'www.example.com. CNAME a.example.com.\na.example.com. CNAME b.example.net.\nb.example.net. A 192.0.2.66';
    const found = step({ answer });
    expect(found.kind === 'alias' && [found.chain.length, found.end]).toEqual([2, undefined]);
  });
});

describe('what is kept of a referral', () => {
  test('glue for its own names only, within the zone only, within bounds', () => {
    const found = step({
      aa: false,
      authority: 'www.example.com. NS a.example.com.\nwww.example.com. NS b.example.net.',
      additional: `a.example.com. A 192.0.2.1\nb.example.net. A 192.0.2.66\nc.example.com. A 192.0.2.66\n${Array.from({ length: 20 }, (_, i) => `a.example.com. A 192.0.3.${i}`).join('\n')}`,
    });
    expect(
      found.kind === 'referral' && found.delegation.servers.map((s) => [nameToText(s.name), s.addresses.length]),
    ).toEqual([
      ['a.example.com.', 6],
      ['b.example.net.', 0],
    ]);
  });

  test('thirteen servers of a hundred', () => {
    const authority = Array.from({ length: 100 }, (_, i) => `www.example.com. NS n${i}.example.net.`).join('\n');
    const found = step({ aa: false, authority });
    expect(found.kind === 'referral' && found.delegation.servers.length).toBe(13);
  });

  test('the deepest cut on the way to the name', () => {
    const authority = 'b.example.com. NS ns.example.net.\na.b.example.com. NS ns.example.net.';
    const found = step({ aa: false, authority }, { name: nameFromText('x.a.b.example.com.') });
    expect(found.kind === 'referral' && nameToText(found.delegation.zone)).toBe('a.b.example.com.');
  });
});

test('CVE-2026-13321: an NSEC record whose next name is outside the zone is dropped', () => {
  const denied = (next: string) =>
    scrub(message({ rcode: 3, authority: `${soa}\nb.example.com. NSEC ${next} A RRSIG NSEC` }), rules, undefined).proof;
  expect(['d.example.com.', 'example.com.'].map((next) => denied(next).length)).toEqual([1, 1]);
  expect(['d.example.net.', 'com.', 'xexample.com.'].map((next) => denied(next).length)).toEqual([0, 0, 0]);
});

test('whatever a server says, nothing outside its zone comes through', () => {
  const owner = fc.constantFrom(
    'www.example.com.',
    'example.com.',
    'com.',
    '.',
    'a.www.example.com.',
    'example.net.',
    'evil.test.',
  );
  const rr = fc
    .tuple(
      owner,
      fc.constantFrom('A 192.0.2.1', 'NS ns.evil.test.', 'CNAME example.com.', 'DNAME net.', soa.slice(13), 'TXT x'),
    )
    .map(([name, data]) => `${name} ${data}`);
  const lines = fc.array(rr, { maxLength: 6 }).map((list) => list.join('\n'));
  fc.assert(
    fc.property(
      fc.record({
        rcode: fc.constantFrom(0, 3, 6),
        aa: fc.boolean(),
        ra: fc.boolean(),
        answer: lines,
        authority: lines,
        additional: lines,
      }),
      (said) => {
        const response = scrub(message(said), rules, undefined);
        const owners = [
          ...response.chain.flatMap((link) => [link.rrset.name, link.dname?.name]),
          response.final?.name,
          ...response.proof.map((set) => set.name),
          ...(response.ns?.where === 'below' ? [response.ns.delegation.zone] : []),
        ].filter((name) => name !== undefined);
        expect(owners.every((name) => isAtOrBelow(name, rules.zone))).toBe(true);
        classify(response, false);
      },
    ),
    { numRuns: 500 },
  );
});
