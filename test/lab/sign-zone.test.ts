/** A signed zone: keys, signatures and chains as the RFCs have them, checked apart from the code that makes them. */
import { describe, expect, test } from 'vitest';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type, typeToText } from '../../src/dns/numbers.js';
import { octetsFromHex } from '../../src/dns/octets.js';
import { type RRset, rrsetKey } from '../../src/dns/rrset.js';
import { dsFor } from '../../src/lab/delegation-signer.js';
import { type DenialStyle, signZone } from '../../src/lab/sign-zone.js';
import { KeyMaker, keyTag, SIGNING_ALGORITHMS } from '../../src/lab/signing-key.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import { loadZone, type Zone } from '../../src/lab/zone.js';
import { rdataFromText, rdataToText } from '../../src/presentation/rdata-text.js';
import { zone } from './ask-zones.js';
import { holds, readKey, readSignature } from './check-signatures.js';

const keyMaker = new KeyMaker();
const INCEPTION = 1_790_000_000;
const EXPIRATION = 1_790_600_000;

function signed(
  unsigned: Zone,
  denial: DenialStyle = { kind: 'nsec' },
  algorithm: 8 | 10 | 13 | 14 | 15 | 16 = 13,
): Zone {
  const keys = keyMaker.zoneKeys(algorithm, 'split');
  return signZone(unsigned, { keys, denial, inception: INCEPTION, expiration: EXPIRATION });
}

/** Names in upper case where RFC 4034 §6.2 folds them, and in SVCB and TXT, where nothing is folded. */
const TEXT = `
$TTL 3600
@        SOA  NS1.SIGNED.TEST. Host 1 3600 300 3600000 300
@        NS   NS1
@        NS   ns2
@        MX   20 B.MAIL
@        MX   10 a.Mail
NS1      A    192.0.2.1
ns2      AAAA 2001:db8::2
secure   NS   ns.secure
secure   DS   58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns.secure A   192.0.2.5
cut      NS   cut
cut      A    192.0.2.6
x.cut    TXT  "below a cut"
a.ent    60 TXT "Text" "is KEPT"
*.wild   CNAME WWW
www      A    192.0.2.11
www      A    192.0.2.3
www      A    192.0.2.30
_s._tcp  SRV  1 2 3 WWW
old      DNAME ELSEWHERE.example.
below.old A   192.0.2.7
rp       RP   Me.SIGNED.TEST. TXT.SIGNED.TEST.
svcb     TYPE64 \\# 12 0001 03575757 0454455354 00
`;

/** The same with all names in lower case: its RDATA is the canonical form of the other's. */
const CANONICAL = zone(
  TEXT.replace(/NS1|SIGNED|TEST|Host|B\.MAIL|a\.Mail|WWW|ELSEWHERE|Me\.|TXT\./g, (name) => name.toLowerCase()),
  'signed.test.',
);
const UNSIGNED = zone(TEXT, 'signed.test.');

/** "owner TYPE" of RRsets that are not the zone's to sign. */
const NOT_SIGNED = ['secure NS', 'ns.secure A', 'cut NS', 'cut A', 'x.cut TXT', 'below.old A'];

const label = (rrset: RRset): string =>
  `${nameToText(rrset.name).replace(/\.?signed\.test\.$/, '') || '@'} ${typeToText(rrset.type)}`;

const NSEC3 = { kind: 'nsec3', iterations: 2, salt: octetsFromHex('aabb')!, optOut: false } as const;

describe.each(SIGNING_ALGORITHMS)('algorithm %i', (algorithm) => {
  const both = [signed(UNSIGNED, { kind: 'nsec' }, algorithm), signed(UNSIGNED, NSEC3, algorithm)];
  const keys = new Map(
    both
      .flatMap((each) => each.rrset(each.apex, Type.DNSKEY)!.rdatas)
      .map((rdata) => [readKey(rdata).tag, readKey(rdata)]),
  );
  const rrsets = both.flatMap((each) => [...each.rrsets()]);

  test('two keys of that algorithm, one of them a secure entry point', () => {
    const flags = both[0]!.rrset(UNSIGNED.apex, Type.DNSKEY)!.rdatas.map((rdata) => readKey(rdata).flags);
    // RSA keys of one maker are the same pair; the flags differ all the same.
    expect(flags.sort()).toEqual([256, 257]);
    for (const key of keys.values()) expect(key.algorithm).toBe(algorithm);
  });

  test('everything the zone has authority over is signed once, nothing else is', () => {
    expect(rrsets.filter((rrset) => rrset.signatures.length === 0).map(label)).toEqual([...NOT_SIGNED, ...NOT_SIGNED]);
    expect(rrsets.filter((rrset) => rrset.signatures.length > 1)).toEqual([]);
  });

  test('every signature holds over canonical data, and says what it should', () => {
    const canonical = new Map([...CANONICAL.rrsets()].map((rrset) => [rrsetKey(rrset.name, rrset.type), rrset.rdatas]));
    for (const rrset of rrsets.filter(({ signatures }) => signatures.length > 0)) {
      const fields = readSignature(rrset.signatures[0]!);
      const name = nameToText(rrset.name);
      const labels = name.split('.').filter((part) => part !== '' && part !== '*').length;
      const { type, ttl: originalTtl } = rrset;
      const key = keys.get(fields.tag)!;
      expect(fields, name).toMatchObject({ type, algorithm, labels, originalTtl, signer: 'signed.test.' });
      expect(fields).toMatchObject({ inception: INCEPTION, expiration: EXPIRATION });
      expect(key.flags, label(rrset)).toBe(type === Type.DNSKEY ? 257 : 256);
      const rdatas = canonical.get(rrsetKey(rrset.name, type)) ?? rrset.rdatas;
      expect(holds(rrset, rdatas, fields, key.key), label(rrset)).toBe(true);
      const other = rdatas.map((rdata, i) => (i === 0 ? `${rdata}\0` : rdata) as typeof rdata);
      expect(holds(rrset, other, fields, key.key)).toBe(false);
    }
  });
});

const chainOf = (of: Zone, origin: string): string[] =>
  of.denials.map((rrset) => {
    const owner = nameToText(rrset.name).replace(`.${origin}`, '');
    return `${owner} ${rdataToText(rrset.type, rrset.rdatas[0]!).replaceAll(`.${origin}`, '')}`;
  });

/** The zone of RFC 5155 appendix A; that of RFC 4035 appendix A is much the same. */
const EXAMPLE = `
$TTL 3600
@        SOA  ns1 bugs.x.w 1 3600 300 3600000 3600
@        NS   ns1
@        NS   ns2
@        MX   1 xx
a        NS   ns1.a
a        NS   ns2.a
a        DS   58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C
ns1.a    A    192.0.2.5
ns2.a    A    192.0.2.6
ai       A    192.0.2.9
ai       HINFO "KLH-10" "ITS"
ai       AAAA 2001:db8:0:0:0:0:f00:baa9
ns1      A    192.0.2.1
ns2      A    192.0.2.2
*.w      MX   1 ai
x.w      MX   1 xx
x.y.w    MX   1 xx
xx       A    192.0.2.10
xx       HINFO "KLH-10" "TOPS-20"
xx       AAAA 2001:db8:0:0:0:0:f00:baaa
`;

test('the NSEC chain of RFC 4035 appendix A', () => {
  const of = signed(zone(`${EXAMPLE}\nb NS ns1.b\nb NS ns2.b\nns1.b A 192.0.2.7\nns2.b A 192.0.2.8\n`, 'example.'));
  expect(chainOf(of, 'example.')).toEqual([
    'example. a NS SOA MX RRSIG NSEC DNSKEY',
    'a ai NS DS RRSIG NSEC',
    'ai b A HINFO AAAA RRSIG NSEC',
    'b ns1 NS RRSIG NSEC',
    'ns1 ns2 A RRSIG NSEC',
    'ns2 *.w A RRSIG NSEC',
    '*.w x.w MX RRSIG NSEC',
    'x.w x.y.w MX RRSIG NSEC',
    'x.y.w xx MX RRSIG NSEC',
    'xx example. A HINFO AAAA RRSIG NSEC',
  ]);
});

describe('NSEC3', () => {
  const style = { kind: 'nsec3', iterations: 12, salt: octetsFromHex('aabbccdd')! } as const;
  const contents = `${EXAMPLE}
c        NS   ns1.c
ns1.c    A    192.0.2.7
2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127
`;

  // Hashes are printed in upper case, owners in lower: digits either way.
  const plainly = (line: string): string =>
    line.replace(/ 1 1 12 aabbccdd (\w+)/i, (_, next: string) => ` ${next.toLowerCase()}`);

  test('the opt-out chain of RFC 5155 appendix A', () => {
    const of = signed(zone(contents, 'example.'), { ...style, optOut: true });
    expect(chainOf(of, 'example.').map(plainly)).toEqual([
      '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM',
      '2t7b4g4vsa5smi47k61mv5bv1a22bojr 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG',
      '2vptu5timamqttgl4luu9kg21e0aor3s 35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG',
      '35mthgpgcu1qg68fab165klnsnk3dpvl b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG',
      'b4um86eghhds6nea196smvmlo4ors995 gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG',
      'gjeqe526plbf1g8mklp59enfd789njgi ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG',
      'ji6neoaepv8b5o6k4ev33abha8ht9fgc k8udemvp1j2f7eg6jebps17vp3n8i58h',
      'k8udemvp1j2f7eg6jebps17vp3n8i58h kohar7mbb8dc2ce8a9qvl8hon4k53uhi',
      'kohar7mbb8dc2ce8a9qvl8hon4k53uhi q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG',
      'q04jkcevqvmu85r014c7dkba38o0ji5r r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG',
      'r53bq7cc2uvmubfu5ocmm6pers9tk9en t644ebqk9bibcna874givr6joj62mlhv MX RRSIG',
      't644ebqk9bibcna874givr6joj62mlhv 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG',
    ]);
    expect(rdataToText(Type.NSEC3PARAM, of.rrset(of.apex, Type.NSEC3PARAM)!.rdatas[0]!)).toMatch(/^1 0 12 aabbccdd$/i);
  });

  test('without opt-out an insecure delegation has its record, without RRSIG', () => {
    const of = signed(zone(contents, 'example.'), { ...style, optOut: false });
    const chain = chainOf(of, 'example.');
    expect(chain).toHaveLength(13);
    expect(chain.filter((line) => / NS$/.test(line))).toHaveLength(1);
    expect(chain.every((line) => / 1 0 12 aabbccdd /i.test(line))).toBe(true);
  });
});

test('type bit maps, the example of RFC 4034 §4.3', () => {
  const types = [1234, Type.NSEC, Type.MX, Type.A, Type.RRSIG, Type.A];
  expect(typeBitMaps(types)).toBe(octetsFromHex(`000640010000000304${'1b'}${'00'.repeat(26)}20`));
  expect(typeBitMaps([])).toBe('');
});

describe('DS', () => {
  test.each([
    // RFC 6605 §6.1, RFC 8080 §6.1
    [
      '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
      '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
      'example.net.',
    ],
    [
      '257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
      '3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
      'example.com.',
    ],
  ])('of DNSKEY %s', (dnskey, ds, apex) => {
    const of = zone(`@ 3600 SOA a b 1 2 3 4 5\n@ 3600 DNSKEY ${dnskey}\n@ 3600 DNSKEY 256 ${dnskey.slice(4)}`, apex);
    expect(dsFor(of)).toEqual([rdataFromText(Type.DS, ds)]);
  });

  test('of a key the signer made: its tag, its algorithm', () => {
    const [ds, ...others] = dsFor(signed(UNSIGNED, { kind: 'nsec' }, 15));
    const ksk = signed(UNSIGNED).rrset(UNSIGNED.apex, Type.DNSKEY);
    expect(others).toEqual([]);
    expect(rdataToText(Type.DS, ds!)).toMatch(/^\d+ 15 2 [0-9a-f]{64}$/i);
    for (const rdata of ksk!.rdatas) expect(keyTag(rdata)).toBe(readKey(rdata).tag);
  });

  test('of an unsigned zone: none', () => expect(dsFor(UNSIGNED)).toEqual([]));
});

test('one key for both is published once and signs everything', () => {
  const keys = keyMaker.zoneKeys(13, 'csk');
  const of = signZone(UNSIGNED, { keys, denial: { kind: 'nsec' }, inception: INCEPTION, expiration: EXPIRATION });
  expect(of.rrset(of.apex, Type.DNSKEY)!.rdatas).toHaveLength(1);
  const tags = [...of.rrsets()].flatMap((rrset) => rrset.signatures).map((rdata) => readSignature(rdata).tag);
  expect([...new Set(tags)]).toEqual([keys.ksk.tag]);
});

test('a chain lives as long as a negative answer (RFC 9077 §3)', () => {
  expect([...new Set(signed(UNSIGNED).denials.map((rrset) => rrset.ttl))]).toEqual([300]);
  expect([...new Set(signed(UNSIGNED, NSEC3).denials.map((rrset) => rrset.ttl))]).toEqual([300]);
});

test('what cannot be signed says so', () => {
  expect(() => signed(loadZone('a.test. 60 A 192.0.2.1', { origin: nameFromText('test.') }))).toThrow(/without SOA/);
  expect(() => signed(signed(UNSIGNED))).toThrow(/already signed/);
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(40)}.`;
  expect(() => signed(zone('@ 60 SOA a.b. c.d. 1 2 3 4 5', long), NSEC3)).toThrow(/too long for NSEC3/);
});
