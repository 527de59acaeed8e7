/**
 * NSEC3 made dear (CVE-2023-50868) through the whole resolver: hashes really made are counted (test/sim/work.ts),
 * wherever a denial is looked into: name errors, absence of types, referrals, zone cuts.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../src/config/limits.js';
import { Type } from '../../src/dns/numbers.js';
import { NO_OCTETS, octetsOf } from '../../src/dns/octets.js';
import type { DenialStyle } from '../../src/lab/sign-zone.js';
import { changed, SignedWorld, type SignedZone, spoilt } from '../sim/signed-zones.js';
import { workDone } from '../sim/work.js';

vi.mock('../../src/validator/nsec3-hash.js', async (original) => {
  const { counted } = await import('../sim/work.js');
  return counted('nsec3Hash')(original);
});
vi.mock('../../src/validator/verify-signature.js', async (original) => {
  const { counted } = await import('../sim/work.js');
  return counted('verifySignature')(original);
});

const EVIL = '203.0.113.66';
const root = `@ NS a.root.\na.root. A 198.41.0.4\nevil. NS ns.evil.\nns.evil. A ${EVIL}\ngood. NS ns.good.\nns.good. A 203.0.113.1`;
const good = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1';
const evil = `@ NS ns\nns A ${EVIL}\nwww A 192.0.2.66\nunsigned NS ns.unsigned\nns.unsigned A ${EVIL}`;
const nsec3 = (iterations: number, salt = NO_OCTETS): DenialStyle => ({
  kind: 'nsec3',
  iterations,
  salt,
  optOut: false,
});

function worldOf(zone: Omit<SignedZone, 'text'>, text = evil, config = ''): SignedWorld {
  const zones = {
    '.': root,
    'good.': good,
    'evil.': { text, ...zone },
    'unsigned.evil.': { text: `@ NS ns\nns A ${EVIL}\nwww A 192.0.2.67`, unsigned: true },
  } as const;
  return new SignedWorld(zones, { config });
}

async function expectUnharmed(world: SignedWorld): Promise<void> {
  expect(await world.ask('www.good. A')).toBe('NOERROR\nwww.good. 3600 IN A 192.0.2.1');
}

beforeEach(() => void [workDone('nsec3Hash'), workDone('verifySignature')]);

describe('CVE-2023-50868', () => {
  test.each(['nothing.evil. A', 'www.evil. TXT', `${'x.'.repeat(120)}evil. A`, 'www.unsigned.evil. A'])(
    '2500 iterations: insecure without a hash (RFC 9276 §3.2), in referrals too (CVE-2026-42923): %s',
    async (question) => {
      const world = worldOf({ denial: nsec3(2500) });
      const { security } = await world.resolution(question);
      expect(security.kind).toBe('insecure');
      expect(workDone('nsec3Hash')).toBe(0);
      await expectUnharmed(world);
    },
  );

  test.each(['nothing.evil. A', 'www.unsigned.evil. A'])(
    'a salt of 255 octets: no hash, no proof (CVE-2026-1519): %s',
    async (question) => {
      const world = worldOf({ denial: nsec3(0, octetsOf(Buffer.alloc(255, 7))) });
      expect(await world.ask(question)).toMatch(/^SERVFAIL/);
      expect(workDone('nsec3Hash')).toBe(0);
      await expectUnharmed(world);
    },
  );

  test('a name of 120 labels that nobody has: the name, the apex, the next closer name and the wildcard', async () => {
    const world = worldOf({ denial: nsec3(50) });
    expect(await world.ask(`${'x.'.repeat(120)}evil. A`)).toMatch(/^NXDOMAIN/);
    expect(workDone('nsec3Hash')).toBe(4);
  });

  test('a closest encloser 110 labels down: one hash for each label, once', async () => {
    const path = 'x.'.repeat(110);
    const world = worldOf({ denial: nsec3(50) }, `${evil}\n${path.slice(0, -1)} TXT "deep"`);
    expect(await world.ask(`nothing.${path}evil. A`)).toMatch(/^NXDOMAIN/);
    // The apex, 110 enclosers, the name itself, which is the next closer name, and the wildcard.
    expect(workDone('nsec3Hash')).toBe(113);
  });

  test('the bound of one question ends it, by name; the next question is not harmed, and the same costs nothing', async () => {
    const path = 'x.'.repeat(110);
    const config = 'limits: { nsec3Hashes: 40 }';
    const world = worldOf({ denial: nsec3(50) }, `${evil}\n${path.slice(0, -1)} TXT "deep"`, config);
    // With 50 iterations a hash counts for two.
    const told = /^SERVFAIL\n; other: validation stopped: limit nsec3Hashes of 40 for one question is reached/;
    expect(await world.ask(`nothing.${path}evil. A`)).toMatch(told);
    expect(workDone('nsec3Hash')).toBe(20);
    await expectUnharmed(world);
    workDone('nsec3Hash');
    expect(await world.ask(`nothing.${path}evil. A`)).toMatch(told);
    expect([workDone('nsec3Hash'), world.asked]).toEqual([0, []]);
  });

  test('a whole question about the deepest names stays within its bound', async () => {
    const path = 'x.'.repeat(110);
    const world = worldOf({ denial: nsec3(50) }, `${evil}\n${path.slice(0, -1)} TXT "deep"`);
    // Signatures are taken away, so that every name on the way is looked at for a zone cut.
    world.at(EVIL).mutate = (reply, query) =>
      query.type === Type.TXT ? { ...reply, answer: reply.answer.filter(({ type }) => type !== Type.RRSIG) } : reply;
    expect(await world.ask(`${path}evil. TXT`)).toMatch(/^SERVFAIL/);
    expect(workDone('nsec3Hash')).toBeLessThanOrEqual(LIMITS.nsec3Hashes.default);
    expect(workDone('verifySignature')).toBeLessThanOrEqual(LIMITS.signatures.default);
    expect(world.asked.length).toBeLessThanOrEqual(LIMITS.exchanges.default + 1);
    await expectUnharmed(world);
  });
});

test('denials are checked within the same budget (CVE-2026-11605)', async () => {
  const tamper: SignedZone['tamper'] = (zone) => {
    let out = zone;
    for (const { name, type, signatures } of [...zone.rrsets()]) {
      if (type !== Type.NSEC3 && type !== Type.SOA) continue;
      const flood = [...spoilt(signatures[0]!, 7), ...signatures];
      out = changed(out, name, type, (set) => ({ ...set, signatures: flood }));
    }
    return out;
  };
  const world = worldOf({ denial: nsec3(0), tamper });
  expect(await world.ask('nothing.evil. A')).toMatch(/^NXDOMAIN/);
  // Keys of the root, DS and keys of evil.; the SOA and two NSEC3 that show it all.
  expect(workDone('verifySignature')).toBe(3 + 8 * 3);
  const few = worldOf({ denial: nsec3(0), tamper }, evil, 'limits: { signatures: 20 }');
  expect(await few.ask('nothing.evil. A')).toMatch(/^SERVFAIL/);
  expect(workDone('verifySignature')).toBe(20);
  await expectUnharmed(few);
});
