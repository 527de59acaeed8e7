/** Which NSEC and NSEC3 go into a reply with DO: RFC 4035 appendix B and RFC 5155 appendix B, without signatures. */
import { describe, expect, test } from 'vitest';
import { ask, zone } from './ask-zones.js';

const BASE = `
$TTL 3600
@        SOA ns1 bugs.x.w 1 3600 300 3600000 3600
@        NS  ns1
@        NS  ns2
ns1      A   192.0.2.1
ns2      A   192.0.2.2
a        NS  ns1.a
a        DS  58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a    A   192.0.2.5
ai       A   192.0.2.9
*.w      MX  1 ai
x.w      MX  1 xx
x.y.w    MX  1 xx
xx       A   192.0.2.10
`;

function proof(lines: readonly string[]): string[] {
  return lines.filter((line) => / IN NSEC3? /.test(line)).map((line) => line.split(' ')[1]!.split('.example.')[0]!);
}

describe('NSEC, RFC 4035 appendix A and B', () => {
  const nsec = zone(
    `${BASE}
b        NS  ns1.b
ns1.b    A   192.0.2.7
@        NSEC a NS SOA NSEC
a        NSEC ai NS DS NSEC
ai       NSEC b A NSEC
b        NSEC ns1 NS NSEC
ns1      NSEC ns2 A NSEC
ns2      NSEC *.w A NSEC
*.w      NSEC x.w MX NSEC
x.w      NSEC x.y.w MX NSEC
x.y.w    NSEC xx MX NSEC
xx       NSEC @ A NSEC
`,
    'example.',
  );

  test.each([
    ['B.1 answer', 'x.w.example. MX', []],
    ['B.2 name error', 'ml.example. A', ['b', 'example.']],
    ['B.3 no data', 'ns1.example. MX', ['ns1']],
    ['B.4 referral to a signed zone', 'mc.a.example. MX', []],
    ['B.5 referral to an unsigned zone', 'mc.b.example. MX', ['b']],
    ['B.6 wildcard', 'a.z.w.example. MX', ['x.y.w']],
    ['B.7 wildcard without data', 'a.z.w.example. AAAA', ['x.y.w', '*.w']],
    ['B.8 DS of the apex asked of the child', 'example. DS', ['example.']],
    ['an empty non-terminal', 'y.w.example. A', ['x.w']],
  ])('%s: %s', (_, question, expected) => {
    expect(proof(ask([nsec], question, true))).toEqual(expected);
    expect(proof(ask([nsec], question, false))).toEqual([]);
  });
});

describe('NSEC3 with opt-out, RFC 5155 appendix A and B', () => {
  // The hashes of RFC 5155 appendix A, in order; salt aabbccdd, 12 iterations. c.example is opted out.
  const hashes = [
    '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom',
    '2t7b4g4vsa5smi47k61mv5bv1a22bojr',
    '2vptu5timamqttgl4luu9kg21e0aor3s',
    '35mthgpgcu1qg68fab165klnsnk3dpvl',
    'b4um86eghhds6nea196smvmlo4ors995',
    'gjeqe526plbf1g8mklp59enfd789njgi',
    'ji6neoaepv8b5o6k4ev33abha8ht9fgc',
    'k8udemvp1j2f7eg6jebps17vp3n8i58h',
    'q04jkcevqvmu85r014c7dkba38o0ji5r',
    'r53bq7cc2uvmubfu5ocmm6pers9tk9en',
    't644ebqk9bibcna874givr6joj62mlhv',
  ];
  const chain = hashes.map((hash, i) => `${hash} NSEC3 1 1 12 aabbccdd ${hashes[(i + 1) % hashes.length]} A`);
  const nsec3 = zone(`${BASE}\nc NS ns1.c\nns1.c A 192.0.2.7\n${chain.join('\n')}\n`, 'example.');

  test.each([
    ['B.1 name error', 'a.c.x.w.example. A', ['0p9m', '35mt', 'b4um']],
    ['B.2 no data', 'ns1.example. MX', ['2t7b']],
    ['B.2.1 no data at an empty non-terminal', 'y.w.example. A', ['ji6n']],
    ['B.3 referral to an opted-out zone', 'mc.c.example. MX', ['0p9m', '35mt']],
    ['B.4 wildcard', 'a.z.w.example. MX', ['q04j']],
    ['B.5 wildcard without data', 'a.z.w.example. AAAA', ['k8ud', 'q04j', 'r53b']],
    ['B.6 DS of the apex asked of the child', 'example. DS', ['0p9m']],
    ['an opted-out zone has no DS', 'c.example. DS', ['0p9m', '35mt']],
    ['a signed delegation', 'x.a.example. A', []],
  ])('%s: %s', (_, question, expected) => {
    const owners = proof(ask([nsec3], question, true)).map((owner) => owner.slice(0, 4));
    expect(owners.sort()).toEqual(expected);
  });

  test('the owner of an NSEC3 is no name of the zone (RFC 5155 §7.2.8)', () => {
    expect(ask([nsec3], `${hashes[1]}.example. NSEC3`)[0]).toBe('NXDOMAIN aa');
  });
});

test('signatures go with what they cover, under the name asked for, and only with DO', () => {
  const signature = 'RRSIG A 13 2 300 20300101000000 20200101000000 1 test. AAAA';
  const signed = zone(
    `@ 300 SOA ns h 1 2 3 4 5\n*.w 300 A 192.0.2.1\n*.w 300 ${signature}\n@ 300 NSEC *.w SOA\n*.w 300 NSEC @ A`,
    'test.',
  );
  expect(ask([signed], 'x.w.test. A')).toHaveLength(2);
  expect(ask([signed], 'x.w.test. A', true)).toEqual([
    'NOERROR aa',
    'answer x.w.test. 300 IN A 192.0.2.1',
    expect.stringMatching(/^answer x\.w\.test\. 300 IN RRSIG A 13 2 300 /),
    expect.stringMatching(/^authority \*\.w\.test\. 300 IN NSEC test\. /),
  ]);
  expect(ask([signed], '*.w.test. RRSIG')[1]).toMatch(/^answer \*\.w\.test\. 300 IN RRSIG A /);
});
