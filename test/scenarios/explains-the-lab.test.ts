/**
 * Why: the lab's zones, good and bad, explained through the whole resolver as people read it. Keys are new in every run, so
 * their tags are written N; where a link came from is left out but for one test.
 */
import pc from 'picocolors';
import { beforeAll, expect, test } from 'vitest';
import { type Composed, composeResolver } from '../../src/cli/compose.js';
import { whyLines } from '../../src/cli/why-lines.js';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText } from '../../src/dns/name.js';
import { typeFromText } from '../../src/dns/numbers.js';
import { type Lab as LabContents, readLab } from '../../src/lab/read-lab.js';
import { BUILT_IN_LAB } from '../../src/lab/start-lab.js';
import type { Explanation } from '../../src/ports/explanation.js';
import { SimClock } from '../sim/clock.js';
import { SimNetwork } from '../sim/network.js';
import { seededRandom } from '../sim/random.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let contents: LabContents;

beforeAll(async () => {
  contents = await readLab(BUILT_IN_LAB, Math.floor(new SimClock().wall() / 1000));
});

class Lab {
  readonly clock = new SimClock();
  readonly network = new SimNetwork(this.clock);
  readonly composed: Composed;

  constructor(dnssec = `{ trustAnchors: ${JSON.stringify(contents.trustAnchors)} }`) {
    for (const { address, zones } of contents.servers) this.network.server(address).zones.push(...zones);
    const outcome = parseConfig(`upstream: { allowLoopback: true }\ndnssec: ${dnssec}`, 'test');
    if (!outcome.ok) throw new Error(outcome.problems[0]?.message);
    const config = { ...outcome.config, rootHints: { servers: contents.hints } };
    const parts = { log, clock: this.clock, random: seededRandom(3), exchange: this.network };
    this.composed = composeResolver(config, parts);
  }

  explain(question: string, resolve = true): Promise<Explanation> {
    const [name = '', type = 'A'] = question.split(' ');
    return this.clock.run(this.composed.inspection.why(nameFromText(name), typeFromText(type)!, resolve));
  }

  /** Head and, from the zone on that is named, the tree. */
  async why(question: string, from?: string, resolve = true): Promise<string> {
    return textOf(await this.explain(question, resolve), from);
  }
}

function textOf(explanation: Explanation, from?: string): string {
  const lines = whyLines(explanation, pc.createColors(false)).filter((line) => !/^ +from /.test(line));
  const start = lines.indexOf('');
  const at = from === undefined ? start : lines.findIndex((line) => line.trim() === from);
  return [...lines.slice(0, start), ...lines.slice(at)].map(withoutTags).join('\n');
}

/** Key tags of every kind of line. */
function withoutTags(line: string): string {
  return line.replace(/\bkey( tag)? \d+/g, 'key$1 N').replace(/^( *(?:DS|anchor +DS|key) +)\d+/, '$1N');
}

test('a secure answer: every link from the anchor down', async () => {
  expect(await new Lab().why('www.dnssec.info. A')).toMatchInlineSnapshot(`
    "www.dnssec.info. A: secure, NOERROR
      every link from the trust anchor of . down holds

    .
      anchor   DS N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone; configured
      key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
      key      N ZSK, ECDSAP256SHA256 (13)
      RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
      info.
        DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
        RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 172800)
        key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
        key      N ZSK, ECDSAP256SHA256 (13)
        RRSIG    signed by key N of info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
        dnssec.info.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          key      N ZSK, ECDSAP256SHA256 (13)
          RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          www.dnssec.info. A: answered, secure
            record   www.dnssec.info. 3600 IN A 198.18.5.1
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)"
  `);
});

test('every link tells where it came from', async () => {
  const lab = new Lab();
  const first = await lab.explain('www.dnssec.info. A');
  await lab.clock.pass(90_000);
  const lines = whyLines(await lab.explain('www.dnssec.info. A', false), pc.createColors(false));
  expect(first.verdict).toBe('secure');
  expect(lines.filter((line) => /^ +from /.test(line)).map((line) => line.trim())).toMatchInlineSnapshot(`
    [
      "from     127.77.0.2:53 over udp, 1 min 30 s ago, for www.dnssec.info. A (4 exchanges, 10 ms); kept for 23 h 58 min",
      "from     the referral of its parent, 1 min 30 s ago, for www.dnssec.info. A (3 exchanges, 0 ms); kept for 23 h 58 min",
      "from     127.77.0.6:53 over udp, 1 min 30 s ago, for www.dnssec.info. A (5 exchanges, 10 ms); kept for 23 h 58 min",
      "from     the referral of its parent, 1 min 30 s ago, for www.dnssec.info. A (3 exchanges, 0 ms); kept for 23 h 58 min",
      "from     127.77.0.50:53 over udp, 1 min 30 s ago, for www.dnssec.info. A (6 exchanges, 10 ms); kept for 58 min 30 s",
      "from     127.77.0.50:53 over udp, 1 min 30 s ago, for www.dnssec.info. A (3 exchanges, 40 ms); kept for 58 min 30 s",
    ]
  `);
});

test('a wildcard: which one, and that nothing is closer', async () => {
  expect(await new Lab().why('anything.wildcard.com. TXT', 'wildcard.com.')).toMatchInlineSnapshot(`
    "anything.wildcard.com. TXT: secure, NOERROR
      every link from the trust anchor of . down holds
        wildcard.com.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          RRSIG    signed by key N of wildcard.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          anything.wildcard.com. TXT: answered, secure
            record   anything.wildcard.com. 300 IN TXT "this is a wildcard"
            RRSIG    signed by key N of wildcard.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600); the records are those of *.wildcard.com.
            proof    NSEC *.alias.wildcard.com. -> host1.wildcard.com. shows that anything.wildcard.com. has no closer match than *.wildcard.com.
            RRSIG    NSEC *.alias.wildcard.com. signed by key N of wildcard.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)"
  `);
});

test('NXDOMAIN by NSEC', async () => {
  expect(await new Lab().why('no-such.example.com. A', 'example.com.')).toMatchInlineSnapshot(`
    "no-such.example.com. A: secure, NXDOMAIN
      every link from the trust anchor of . down holds
        example.com.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          key      N ZSK, ECDSAP256SHA256 (13)
          RRSIG    signed by key N of example.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          no-such.example.com. A: the name does not exist (NXDOMAIN), secure
            record   example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 2026010100 7200 1800 1209600 300
            RRSIG    signed by key N of example.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            proof    NSEC mail.example.com. -> ns1.example.com. shows that no-such.example.com. does not exist
            proof    NSEC example.com. -> _sip._tcp.example.com. shows that there is no *.example.com.
            RRSIG    NSEC mail.example.com. signed by key N of example.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)
            RRSIG    NSEC example.com. signed by key N of example.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)"
  `);
});

test('NXDOMAIN by NSEC3: closest encloser, next closer name, wildcard', async () => {
  expect(await new Lab().why('a.nothing.nsec3.dnssec.info. A', 'nsec3.dnssec.info.')).toMatchInlineSnapshot(`
    "a.nothing.nsec3.dnssec.info. A: secure, NXDOMAIN
      every link from the trust anchor of . down holds
          nsec3.dnssec.info.
            DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
            key      N ZSK, ECDSAP256SHA256 (13)
            RRSIG    signed by key N of nsec3.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            a.nothing.nsec3.dnssec.info. A: the name does not exist (NXDOMAIN), secure
              record   nsec3.dnssec.info. 300 IN SOA ns2.dnssec.info. hostmaster.nic.info. 2026010100 7200 1800 1209600 300
              RRSIG    signed by key N of nsec3.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
              proof    NSEC3 pr1j5igc.. -> sc3bp7d9.. shows that nsec3.dnssec.info. exists (the closest encloser)
              proof    NSEC3 gbknjknp.. -> j560rbd1.. shows that nothing.nsec3.dnssec.info. does not exist (the next closer name)
              proof    NSEC3 sefev6id.. -> 7e7kjsjo.. shows that there is no *.nsec3.dnssec.info.
              RRSIG    NSEC3 pr1j5igcs3sstso3466fab66sv7a05nr.nsec3.dnssec.info. signed by key N of nsec3.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)
              RRSIG    NSEC3 gbknjknpmm7bdmgk0idhr8r8vjoq4ila.nsec3.dnssec.info. signed by key N of nsec3.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)
              RRSIG    NSEC3 sefev6iduuats70fcvg6emujmcsn5hjn.nsec3.dnssec.info. signed by key N of nsec3.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)"
  `);
});

test('NODATA of an empty non-terminal', async () => {
  expect(await new Lab().why('b.c.ents.com. A', 'ents.com.')).toMatchInlineSnapshot(`
    "b.c.ents.com. A: secure, NOERROR
      every link from the trust anchor of . down holds
        ents.com.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          RRSIG    signed by key N of ents.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          b.c.ents.com. A: the name has no records of this type (NODATA), secure
            record   ents.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 2026010100 7200 1800 1209600 300
            RRSIG    signed by key N of ents.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            proof    NSEC3 lrni4nsk.. -> mhfi4173.. shows that b.c.ents.com. exists without records (an empty non-terminal)
            RRSIG    NSEC3 lrni4nskpnr6t4oeaf34g93678pqa7nd.ents.com. signed by key N of ents.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)"
  `);
});

test('an unsigned delegation, by NSEC', async () => {
  expect(await new Lab().why('www.insecure.dnssec.info. A', 'insecure.dnssec.info.')).toMatchInlineSnapshot(`
    "www.insecure.dnssec.info. A: insecure, NOERROR
      trust ends on the way: insecure.dnssec.info. is an unsigned delegation: dnssec.info. has no DS for it
          insecure.dnssec.info.
            no DS    NSEC insecure.dnssec.info. -> iterations.dnssec.info. shows that insecure.dnssec.info. has only NS RRSIG NSEC
            RRSIG    NSEC insecure.dnssec.info. signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)
            trust    ends here, insecure: insecure.dnssec.info. is an unsigned delegation: dnssec.info. has no DS for it
            www.insecure.dnssec.info. A: answered, insecure
              record   www.insecure.dnssec.info. 3600 IN A 198.18.5.14"
  `);
});

test('an unsigned delegation that opt-out leaves room for', async () => {
  const text = await new Lab().why('www.insecure.optout.dnssec.info. A', 'insecure.optout.dnssec.info.');
  expect(text).toMatchInlineSnapshot(`
    "www.insecure.optout.dnssec.info. A: insecure, NOERROR
      trust ends on the way: insecure.optout.dnssec.info. is an unsigned delegation: optout.dnssec.info. has no DS for it
            insecure.optout.dnssec.info.
              no DS    NSEC3 2u4v75vq.. -> cn6uhate.. shows that optout.dnssec.info. exists (the closest encloser)
              no DS    NSEC3 2u4v75vq.. -> cn6uhate.. shows that insecure.optout.dnssec.info. does not exist (the next closer name), unless as an unsigned delegation (opt-out)
              RRSIG    NSEC3 2u4v75vq4nn4khsca7v86oqvn0hh11e0.optout.dnssec.info. signed by key N of optout.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 300)
              trust    ends here, insecure: insecure.optout.dnssec.info. is an unsigned delegation: optout.dnssec.info. has no DS for it
              www.insecure.optout.dnssec.info. A: answered, insecure
                record   www.insecure.optout.dnssec.info. 3600 IN A 198.18.5.122"
  `);
});

test('an algorithm nobody knows', async () => {
  const text = await new Lab().why('www.unknown-algorithm.dnssec.info. A', 'unknown-algorithm.dnssec.info.');
  expect(text).toMatchInlineSnapshot(`
    "www.unknown-algorithm.dnssec.info. A: insecure, NOERROR
      trust ends on the way: unknown-algorithm.dnssec.info. counts as unsigned: algorithm 200 of its DS is not supported
      Whoever runs unknown-algorithm.dnssec.info. should have a DS in dnssec.info. of an algorithm and a digest type in common use.
          unknown-algorithm.dnssec.info.
            DS       N, algorithm 200, SHA-256 (2): not used: its algorithm is not supported
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            trust    ends here, insecure: no DS of unknown-algorithm.dnssec.info. is of an algorithm and digest type supported here: key tag N (algorithm 200, SHA-256 (2))
            www.unknown-algorithm.dnssec.info. A: answered, insecure
              record   www.unknown-algorithm.dnssec.info. 3600 IN A 198.18.5.40
              RRSIG    signed by key N of unknown-algorithm.dnssec.info., ECDSAP256SHA256 (13): not checked: the keys of its zone are not known
              because  unknown-algorithm.dnssec.info. counts as unsigned: algorithm 200 of its DS is not supported"
  `);
});

test('too many NSEC3 iterations', async () => {
  const { summary, remedy } = await new Lab().explain('nothing.iterations.dnssec.info. A');
  expect([summary, remedy]).toMatchInlineSnapshot(`
    [
      "trust ends on the way: iterations.dnssec.info. has 1000 NSEC3 iterations, more than 150",
      "Whoever runs iterations.dnssec.info. should set the iterations to 0 (RFC 9276 §3.1).",
    ]
  `);
});

test('expired signatures: since when, and of which key', async () => {
  expect(await new Lab().why('www.expired.dnssec.info. A', 'expired.dnssec.info.')).toMatchInlineSnapshot(`
    "www.expired.dnssec.info. A: bogus, SERVFAIL
      the RRSIG of expired.dnssec.info. DNSKEY by key N of expired.dnssec.info., ECDSAP256SHA256 (13), expired at 2026-10-24T23:00:00Z
      Whoever runs expired.dnssec.info. must sign it again. See first that the clock here is right: it was 2026-11-01T00:00:00Z. If it cannot wait and you accept unproved answers: a negative trust anchor, dnssec.negativeTrustAnchors: [{ name: 'expired.dnssec.info.', until: 2026-11-08T00:00:00Z, reason: why }].
          expired.dnssec.info.
            DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            key      N KSK, ECDSAP256SHA256 (13): vouched for from above
            key      N ZSK, ECDSAP256SHA256 (13)
            RRSIG    signed by key N of expired.dnssec.info., ECDSAP256SHA256 (13): DOES NOT HOLD: expired at 2026-10-24T23:00:00Z
            trust    is broken here, bogus: the RRSIG of expired.dnssec.info. DNSKEY by key N of expired.dnssec.info., ECDSAP256SHA256 (13), expired at 2026-10-24T23:00:00Z
            www.expired.dnssec.info. A: answered, bogus
              record   www.expired.dnssec.info. 60 IN A 198.18.5.18
              RRSIG    signed by key N of expired.dnssec.info., ECDSAP256SHA256 (13): DOES NOT HOLD: expired at 2026-10-24T23:00:00Z

    Remembered of this name
      A SERVFAIL (bogus) at 2026-11-01T00:00:00.120Z, 120 ms, 11 exchanges"
  `);
});

test('a DS that no key matches', async () => {
  const text = await new Lab().why('www.ds-wrong-digest.dnssec.info. A', 'ds-wrong-digest.dnssec.info.');
  expect(text).toMatchInlineSnapshot(`
    "www.ds-wrong-digest.dnssec.info. A: bogus, SERVFAIL
      no DNSKEY of ds-wrong-digest.dnssec.info. is the one the DS at its parent asks for: key tag N (ECDSAP256SHA256 (13)); a key of that tag is there, with another digest
      Whoever runs ds-wrong-digest.dnssec.info. must have the DS in dnssec.info. replaced by that of a key it has, or bring that key back. If it cannot wait and you accept unproved answers: a negative trust anchor, dnssec.negativeTrustAnchors: [{ name: 'ds-wrong-digest.dnssec.info.', until: 2026-11-08T00:00:00Z, reason: why }].
          ds-wrong-digest.dnssec.info.
            DS       N, ECDSAP256SHA256 (13), SHA-256 (2): NO KEY of the zone matches
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            key      N KSK, ECDSAP256SHA256 (13): signs the keys
            key      N ZSK, ECDSAP256SHA256 (13)
            RRSIG    signed by key N of ds-wrong-digest.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
            trust    is broken here, bogus: no DNSKEY of ds-wrong-digest.dnssec.info. is the one the DS at its parent asks for: key tag N (ECDSAP256SHA256 (13)); a key of that tag is there, with another digest
            www.ds-wrong-digest.dnssec.info. A: answered, bogus
              record   www.ds-wrong-digest.dnssec.info. 60 IN A 198.18.5.38
              RRSIG    signed by key N of ds-wrong-digest.dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)

    Remembered of this name
      A SERVFAIL (bogus) at 2026-11-01T00:00:00.120Z, 120 ms, 11 exchanges"
  `);
});

test.each([
  'not-yet-valid',
  'wrong-key',
  'unpublished-key',
  'wrong-signer',
  'altered',
  'stripped',
  'never-signed',
  'ds-of-another-key',
])('%s: the reason is that of the extended error, and there is a way out', async (zone) => {
  const lab = new Lab();
  const explained = await lab.explain(`www.${zone}.dnssec.info. A`);
  const again = await lab.explain(`www.${zone}.dnssec.info. A`, false);
  expect(explained).toMatchObject({ verdict: 'bogus', rcode: 'SERVFAIL' });
  expect(explained.summary).toBe(explained.because[0]?.text);
  expect(explained.remedy).toContain(`${zone}.dnssec.info.`);
  expect(again).toMatchObject({ verdict: 'bogus', summary: explained.summary });
});

test('a denial without proof', async () => {
  const { summary, remedy } = await new Lab().explain('nothing.no-proof.dnssec.info. A');
  expect([summary, remedy.slice(0, 110)]).toMatchInlineSnapshot(`
    [
      "no usable NSEC or NSEC3 record of no-proof.dnssec.info. came with the denial of nothing.no-proof.dnssec.info.",
      "Whoever runs no-proof.dnssec.info. must have it signed with an NSEC or NSEC3 chain, and serve those records. I",
    ]
  `);
});

test('no anchor above the name', async () => {
  const digest = 'ab'.repeat(32);
  const lab = new Lab(`{ trustAnchors: ["org. IN DS 1 13 2 ${digest}"] }`);
  expect(await lab.why('www.dnssec.info. A')).toMatchInlineSnapshot(`
    "www.dnssec.info. A: indeterminate, NOERROR
      no trust anchor is at or above www.dnssec.info.

    .
      anchor   none
      trust    ends here, indeterminate: no trust anchor is at or above www.dnssec.info.
      www.dnssec.info. A: answered, indeterminate
        record   www.dnssec.info. 3600 IN A 198.18.5.1
        RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13): not checked: the keys of its zone are not known"
  `);
});

test('an anchor that is not that of the zone: the configuration is what to look at, and nothing is to be turned off', async () => {
  const { summary, remedy } = await new Lab(`{ trustAnchors: [". IN DS 20326 8 2 ${'ab'.repeat(32)}"] }`).explain(
    'www.dnssec.info. A',
  );
  expect(summary).toMatch(/^no DNSKEY of \. is the one the trust anchor asks for/);
  expect(remedy).toMatch(
    /^See that the trust anchors here are those of \. today \(rootwalk anchors; dnssec.trustAnchors/,
  );
  expect(remedy).not.toContain('negative trust anchor');
});

test('a negative anchor with its reason', async () => {
  const anchors = JSON.stringify(contents.trustAnchors);
  const negative = '[{ name: expired.dnssec.info, reason: "being mended" }]';
  const lab = new Lab(`{ trustAnchors: ${anchors}, negativeTrustAnchors: ${negative} }`);
  expect(await lab.why('www.expired.dnssec.info. A')).toMatchInlineSnapshot(`
    "www.expired.dnssec.info. A: insecure, NOERROR
      trust ends on the way: validation is turned off at expired.dnssec.info.: being mended
      Take it out of dnssec.negativeTrustAnchors once it is mended.

    expired.dnssec.info.
      anchor   negative
      trust    ends here, insecure: validation is turned off at expired.dnssec.info.: being mended
      www.expired.dnssec.info. A: answered, insecure
        record   www.expired.dnssec.info. 3600 IN A 198.18.5.18
        RRSIG    signed by key N of expired.dnssec.info., ECDSAP256SHA256 (13): not checked: the keys of its zone are not known"
  `);
});

test('validation off', async () => {
  expect(await new Lab('{ mode: off }').why('www.expired.dnssec.info. A')).toMatchInlineSnapshot(`
    "www.expired.dnssec.info. A: unchecked, NOERROR
      validation is off (dnssec.mode)

    .
      anchor   not used: dnssec.mode is off
      www.expired.dnssec.info. A: answered, unchecked
        record   www.expired.dnssec.info. 3600 IN A 198.18.5.18"
  `);
});

test('an alias over two zones: each name in its own, what they share once', async () => {
  expect(await new Lab().why('www.old.dname.com. A')).toMatchInlineSnapshot(`
    "www.old.dname.com. A: secure, NOERROR
      aliases: www.old.dname.com. -> www.new.dname.org.
      every link from the trust anchor of . down holds

    .
      anchor   DS N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone; configured
      key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
      key      N ZSK, ECDSAP256SHA256 (13)
      RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
      com.
        DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
        RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 172800)
        key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
        key      N ZSK, ECDSAP256SHA256 (13)
        RRSIG    signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
        dname.com.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          RRSIG    signed by key N of dname.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          1. www.old.dname.com. A: an alias of www.new.dname.org., secure
            record   old.dname.com. 3600 IN DNAME new.dname.org.
            record   www.old.dname.com. 3600 IN CNAME www.new.dname.org.
            RRSIG    signed by key N of dname.com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
      org.
        DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
        RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 172800)
        key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
        key      N ZSK, ECDSAP256SHA256 (13)
        RRSIG    signed by key N of org., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
        dname.org.
          DS       N, ECDSAP256SHA256 (13), SHA-256 (2): matches a key of the zone
          RRSIG    signed by key N of org., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 86400)
          key      N KSK, ECDSAP256SHA256 (13): vouched for from above, signs the keys
          RRSIG    signed by key N of dname.org., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          2. www.new.dname.org. A: answered, secure
            record   www.new.dname.org. 3600 IN A 198.18.0.51
            RRSIG    signed by key N of dname.org., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)"
  `);
});

test('local policy', async () => {
  expect(await new Lab().why('localhost. A')).toMatchInlineSnapshot(`
    "localhost. A: unchecked, NOERROR
      localhost. is answered by local policy, nobody is asked

    localhost.
      policy   answered here, by a local or special-use zone
      localhost. A: answered
        record   localhost. 10800 IN A 127.0.0.1"
  `);
});

test('a failure: why each server was of no use, and what is known all the same', async () => {
  expect(await new Lab().why('www.dead.com. A', 'dead.com.')).toMatchInlineSnapshot(`
    "www.dead.com. A: SERVFAIL
      no name server of dead.com. gave a usable answer
      23 (network error): 127.77.0.23:53 answered REFUSED for www.dead.com. A
      23 (network error): 127.77.0.25:53 answered REFUSED for www.dead.com. A
      23 (network error): 127.77.0.24:53 answered REFUSED for www.dead.com. A
      See whether its name servers can be reached from here, and answer for it; rootwalk query www.dead.com. A --trace shows every attempt.
        dead.com.
          no DS    NSEC3 ck0pojmg.. -> obbv49m1.. shows that com. exists (the closest encloser)
          no DS    NSEC3 vl1hilu3.. -> 1a346bck.. shows that dead.com. does not exist (the next closer name), unless as an unsigned delegation (opt-out)
          RRSIG    NSEC3 ck0pojmg874ljref7efn8430qvit8bsm.com. signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 900)
          RRSIG    NSEC3 vl1hilu33s87oeijt2ata06rof56os3i.com. signed by key N of com., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 900)
          trust    ends here, insecure: dead.com. is an unsigned delegation: com. has no DS for it
          www.dead.com. A: could not be resolved
            known    down to the delegation of dead.com. to ns1.dead.com., ns2.dead.com., ns3.dead.com.

    Remembered of this name
      A SERVFAIL at 2026-11-01T00:00:00.060Z, 60 ms, 5 exchanges"
  `);
});

test('a failure whose time in the cache ended is remembered by name', async () => {
  const lab = new Lab();
  await lab.explain('www.dead.com. A');
  await lab.clock.pass(60_000);
  const later = await lab.explain('www.dead.com. A', false);
  expect(later.rcode).toBeNull();
  expect(later.recorded).toMatchObject([{ name: 'www.dead.com.', type: 'A', rcode: 'SERVFAIL', times: 1 }]);
  expect(lab.composed.inspection.recorded()).toEqual(later.recorded);
});

test('nothing known and nothing asked', async () => {
  const lab = new Lab();
  const text = await lab.why('www.dnssec.info. A', undefined, false);
  expect(lab.network.asked).toEqual([]);
  expect(text).toMatchInlineSnapshot(`
    "www.dnssec.info. A: not known
      nothing is known of www.dnssec.info. A

    .
      anchor   DS N, ECDSAP256SHA256 (13), SHA-256 (2): the keys of the zone are not known; configured
      DNSKEY   not in the cache: the chain cannot be followed from here
      www.dnssec.info. A: not in the cache"
  `);
});

test('a link the cache lost is told, and fetched when the network may be asked', async () => {
  const lab = new Lab();
  await lab.explain('www.dnssec.info. A');
  lab.composed.inspection.flush({ name: nameFromText('info.'), type: 48 });
  lab.composed.inspection.flush({ name: nameFromText('dnssec.info.'), type: 43 });
  const missing = await lab.why('www.dnssec.info. A', 'info.', false);
  lab.network.asked.length = 0;
  const whole = await lab.explain('www.dnssec.info. A');
  expect(missing).toMatchInlineSnapshot(`
    "www.dnssec.info. A: secure, NOERROR
      it was secure when it was fetched; DNSKEY of info. is no longer in the cache
      info.
        DS       N, ECDSAP256SHA256 (13), SHA-256 (2): the keys of the zone are not known
        RRSIG    signed by key N of ., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 172800)
        DNSKEY   not in the cache: the chain cannot be followed from here
        dnssec.info.
          DS       not in the cache: the chain cannot be followed from here
          key      N KSK, ECDSAP256SHA256 (13): signs the keys
          key      N ZSK, ECDSAP256SHA256 (13)
          RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)
          www.dnssec.info. A: answered, secure
            record   www.dnssec.info. 3600 IN A 198.18.5.1
            RRSIG    signed by key N of dnssec.info., ECDSAP256SHA256 (13), expires in 90 d (2026-10-31T23:00:00Z to 2027-01-30T00:00:00Z, TTL 3600)"
  `);
  expect(lab.network.asked).toMatchInlineSnapshot(`
    [
      "127.77.0.6 info. DNSKEY",
      "127.77.0.6 dnssec.info. DS",
    ]
  `);
  expect(whole.zones[0]?.below[0]?.below[0]?.trust).toBe('secure');
});

test('signatures that ran out since they were checked are not passed over', async () => {
  const anchors = JSON.stringify(contents.trustAnchors);
  const lab = new Lab(`{ trustAnchors: ${anchors} }`);
  await lab.explain('www.dnssec.info. A');
  lab.clock.jump(200 * 86_400_000);
  const { verdict, summary } = await lab.explain('www.dnssec.info. A', false);
  expect([verdict, withoutTags(summary)]).toMatchInlineSnapshot(`
    [
      "secure",
      "it was secure when it was fetched; by now a signature by key N of . expired at 2027-01-30T00:00:00Z",
    ]
  `);
});

test('an answer with TTL 0 is told though nothing of it is kept', async () => {
  const explained = await new Lab().explain('zero.ttl.net. A');
  expect(explained).toMatchObject({ rcode: 'NOERROR', verdict: 'insecure' });
  expect(textOf(explained)).toContain('zero.ttl.net. A: answered just now with a TTL of 0, so it is not kept');
});
