/** Which keys of a zone carry trust from its parent's DS? (RFC 4035 §5.2, RFC 4034 §2.1.1, RFC 5011 §2.1, RFC 6840 §5) */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Octets, octets16, octetsFrom, octetsOf } from '../../src/dns/octets.js';
import type { SigningOptions } from '../../src/lab/sign-zone.js';
import { KeyMaker, keyTag, type SigningKey } from '../../src/lab/signing-key.js';
import { SignedWorld, type SignedZone, withFlags } from '../sim/signed-zones.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1';
const maker = new KeyMaker();
const { ksk, zsk } = maker.zoneKeys(13, 'split');
const other = maker.zoneKeys(15, 'csk').ksk;

function verdictOf(signing: Partial<SigningOptions>, ds?: SignedZone['ds']): Promise<string> {
  const zone: SignedZone = { text: EXAMPLE, signing: () => signing, ...(ds && { ds }) };
  return new SignedWorld({ '.': ROOT, 'example.': zone })
    .resolution('www.example. A')
    .then(({ security }) => (security.kind === 'bogus' ? security.because : security.kind));
}

const alone = (key: SigningKey): Partial<SigningOptions> => ({ keys: { ksk: key, zsk: key }, published: [key] });

describe('a DNSKEY set', () => {
  test('signed by the key the DS means is secure', async () => {
    expect(await verdictOf({ keys: { ksk, zsk }, published: [ksk, zsk] })).toBe('secure');
  });

  test('signed only by another key than the DS means is bogus', async () => {
    expect(await verdictOf({ keys: { ksk: zsk, zsk }, published: [ksk, zsk] })).toMatch(/example\. DNSKEY by key/);
  });

  test('whose DS means a key without the SEP flag is secure: the flag is a hint (RFC 4034 §2.1.1)', async () => {
    const owned = Buffer.from(`\x07example\0${zsk.dnskey}`, 'latin1');
    const digest = octetsOf(createHash('sha256').update(owned).digest());
    const ds = `${octets16(zsk.tag)}${octetsFrom(zsk.algorithm, 2)}${digest}` as Octets;
    expect(await verdictOf(alone(zsk), () => [ds])).toBe('secure');
  });

  test('whose DS means a revoked key is bogus (RFC 5011 §2.1)', async () => {
    expect(await verdictOf(alone(withFlags(ksk, 0x0181)))).toMatch(/revoked/);
  });

  test('whose DS means a key without the zone key flag is bogus (RFC 4034 §5.2)', async () => {
    expect(await verdictOf(alone(withFlags(ksk, 0x0001)))).toMatch(/no DNSKEY of example\. is the one the DS/);
  });

  test('with a DS of an algorithm that signs nothing is secure by the other (RFC 6840 §5.11)', async () => {
    const both = { keys: { ksk, zsk }, published: [ksk, zsk, other] };
    expect(await verdictOf(both)).toBe('secure');
  });

  test('with a key of the right tag that holds none: a hard failure, nothing more is tried (CVE-2025-8677)', async () => {
    const head = `${octets16(0x0101)}${octetsFrom(3, 13)}`;
    const hollow = (missing: number) => `${head}${octets16(missing)}${octetsFrom(1)}` as Octets;
    const missing = (ksk.tag - keyTag(hollow(0)) + 0xffff) % 0xffff;
    const key = { ...ksk, dnskey: hollow(missing) };
    expect(keyTag(key.dnskey)).toBe(ksk.tag);
    const signing = { keys: { ksk, zsk: ksk }, published: [key, ksk] };
    expect(await verdictOf(signing)).toMatch(/holds no key of its algorithm/);
  });
});
