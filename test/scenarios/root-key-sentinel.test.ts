/** RFC 8509 through the whole resolver: who trusts a root key can be found out by two names. */
import { describe, expect, it } from 'vitest';
import { Rcode, rcodeToText } from '../../src/dns/numbers.js';
import { asDnskey, asDs, ksk, SignedRoot } from './signed-root.js';

const a = ksk();
const unseen = ksk();
const digits = (tag: number): string => String(tag).padStart(5, '0');
const tagA = digits(a.dnskey.keyTag);
const tagUnseen = digits(unseen.dnskey.keyTag);
const foreign = digits((a.dnskey.keyTag + 1) % 0x10000);

const named = (label: string): string => `${label} 60 A 192.0.2.1\n${label} 60 AAAA 2001:db8::1\n${label} 60 TXT "x"\n`;
const sentinels = [tagA, tagUnseen, foreign].flatMap((tag) => [
  `root-key-sentinel-is-ta-${tag}.alpha.`,
  `root-key-sentinel-not-ta-${tag}.alpha.`,
]);
const others = ['root-key-sentinel-is-ta-1.alpha.', `xroot-key-sentinel-is-ta-${foreign}.alpha.`, 'www.alpha.'];
const aliases = [
  `root-key-sentinel-is-ta-${foreign}.alias. 60 CNAME www.alpha.`,
  `www.alias. 60 CNAME root-key-sentinel-is-ta-${foreign}.alpha.`,
];
const ZONE = [...[...sentinels, ...others].map(named), ...aliases].join('\n');

function resolver(dnssec = ''): SignedRoot {
  const root = new SignedRoot(ZONE);
  root.publish([a], [a]);
  root.start([asDnskey(a), asDs(unseen)], { dnssec });
  return root;
}

async function rcode(root: SignedRoot, question: string, checkingDisabled = false): Promise<string> {
  return rcodeToText((await root.resolution(question, checkingDisabled)).rcode);
}

describe('the table of §3.2', () => {
  it.each([
    ['is', tagA, 'NOERROR'],
    ['not', tagA, 'SERVFAIL'],
    ['is', tagUnseen, 'NOERROR'],
    ['not', tagUnseen, 'SERVFAIL'],
    ['is', foreign, 'SERVFAIL'],
    ['not', foreign, 'NOERROR'],
  ])('root-key-sentinel-%s-ta-%s: %s', async (which, tag, expected) => {
    const root = resolver();
    for (const type of ['A', 'AAAA']) {
      const question = `root-key-sentinel-${which}-ta-${tag}.alpha. ${type}`;
      expect(await rcode(root, question)).toBe(expected);
      expect(await rcode(root, question), 'from the cache').toBe(expected);
    }
  });

  it('SERVFAIL says why', async () => {
    const { because, answer } = await resolver().resolution(`root-key-sentinel-is-ta-${foreign}.alpha. A`);
    const text = `root-key-sentinel: ${Number(foreign)} is no trust anchor of the root here (RFC 8509)`;
    expect([because.map((error) => error.text), answer]).toEqual([[text], []]);
  });
});

describe('what is answered as ever (§3.1)', () => {
  it.each([
    ['another type', `root-key-sentinel-is-ta-${foreign}.alpha. TXT`],
    ['a tag of fewer digits', 'root-key-sentinel-is-ta-1.alpha. A'],
    ['another label', `xroot-key-sentinel-is-ta-${foreign}.alpha. A`],
    ['a name an alias leads to: the one asked for counts', 'www.alias. A'],
  ])('%s', async (_, question) => {
    expect(await rcode(resolver(), question)).toBe('NOERROR');
  });

  it('a query with CD', async () => {
    expect(await rcode(resolver(), `root-key-sentinel-is-ta-${foreign}.alpha. A`, true)).toBe('NOERROR');
  });

  it('an answer that is not secure', async () => {
    const root = resolver('negativeTrustAnchors: [alpha.]');
    expect(await rcode(root, `root-key-sentinel-is-ta-${foreign}.alpha. A`)).toBe('NOERROR');
  });

  it('anything, when dnssec.rootKeySentinel is false', async () => {
    const root = resolver('rootKeySentinel: false');
    expect(await rcode(root, `root-key-sentinel-is-ta-${foreign}.alpha. A`)).toBe('NOERROR');
  });
});

it('the name asked for counts when it is an alias', async () => {
  expect(await rcode(resolver(), `root-key-sentinel-is-ta-${foreign}.alias. A`)).toBe('SERVFAIL');
});

it('a key that was learnt counts from the moment it is trusted', async () => {
  const b = ksk();
  const tag = digits(b.dnskey.keyTag);
  const root = new SignedRoot(named(`root-key-sentinel-is-ta-${tag}.alpha.`));
  root.publish([a, b], [a]);
  await root.follow([asDnskey(a)]);
  const question = `root-key-sentinel-is-ta-${tag}.alpha. A`;
  expect((await root.resolution(question)).rcode).toBe(Rcode.SERVFAIL);
  await root.days(32);
  expect((await root.resolution(question)).rcode).toBe(Rcode.NOERROR);
});
