/**
 * KeyTrap (CVE-2023-50387) and its kin through the whole resolver: zones made to cost a validator all it has. What is
 * counted is the work itself (test/sim/work.ts); that it ends in a reason, and that the next question is not harmed.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../src/config/limits.js';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Rcode, Type } from '../../src/dns/numbers.js';
import { type Octets, octets16, sliceOctets } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import type { Zone } from '../../src/lab/zone.js';
import { MAX_CHECKS } from '../../src/validator/verify-rrset.js';
import { changed, collidingKeys, SignedWorld, type SignedZone, spoilt } from '../sim/signed-zones.js';
import { workDone } from '../sim/work.js';
import { askTogether } from './asking.js';

vi.mock('../../src/validator/verify-signature.js', async (original) => {
  const { counted } = await import('../sim/work.js');
  return counted('verifySignature')(original);
});
vi.mock('../../src/validator/digest.js', async (original) => {
  const { counted } = await import('../sim/work.js');
  return counted('dsMatches')(original);
});

const LIMIT = LIMITS.signatures.default;
/** As validate.ts has them. */
const MAX_DIGESTS = 16 * 32;
const GOOD = '203.0.113.1';
const EVIL = '203.0.113.66';

/** A root that delegates `good.` and the zones named to one server each. */
const root = (...zones: string[]): string =>
  [
    '@ NS a.root.\na.root. A 198.41.0.4',
    `good. NS ns.good.\nns.good. A ${GOOD}`,
    ...zones.map((zone) => `${zone} NS ns.${zone}\nns.${zone} A ${EVIL}`),
  ].join('\n');
const good = `@ NS ns\nns A ${GOOD}\nwww A 192.0.2.1\n`;
const evil = `@ NS ns\nns A ${EVIL}\nwww A 192.0.2.66\n`;

/** Every RRset of these types gets `count` signatures that do not hold in front of its own. */
const flooded =
  (count: number, types: readonly number[], withGood = true) =>
  (zone: Zone): Zone => {
    let out = zone;
    for (const { name, type, signatures } of [...zone.rrsets()]) {
      if (!types.includes(type) || signatures.length === 0) continue;
      const flood = (set: RRset): RRset => ({
        ...set,
        signatures: [...spoilt(set.signatures[0]!, count), ...(withGood ? set.signatures : [])],
      });
      out = changed(out, name, type, flood);
    }
    return out;
  };
const ALL = [Type.A, Type.NS, Type.SOA, Type.DNSKEY, Type.DS, Type.CNAME, Type.NSEC];

beforeEach(() => void [workDone('verifySignature'), workDone('dsMatches')]);

const question = (name: string) => ({ name: nameFromText(name), type: Type.A, class: Class.IN });

async function expectUnharmed(world: SignedWorld): Promise<void> {
  expect(await world.ask('www.good. A')).toBe('NOERROR\nwww.good. 3600 IN A 192.0.2.1');
}

/** The bound of one question was hit, and is named. */
const SPENT = /^SERVFAIL\n; other: validation stopped: limit signatures of 64 for one question is reached/;

describe('CVE-2023-50387 (KeyTrap)', () => {
  test('41 keys of one tag times 100 signatures: eight checks for each answer, then SERVFAIL that says so', async () => {
    const zone: SignedZone = {
      text: evil,
      algorithm: 15,
      signing: ({ ksk }) => ({ published: [ksk, ...collidingKeys(ksk, 40)] }),
      tamper: flooded(100, [Type.A], false),
    };
    const world = new SignedWorld({ '.': root('evil.'), 'evil.': zone, 'good.': good });
    expect(await world.ask('www.evil. A')).toMatch(
      /^SERVFAIL\n; DNSSEC bogus: none of the first 8 signature checks of www\.evil\. A held/i,
    );
    // Keys of the root, DS and keys of evil. cost a check each; then the answer of the one server, asked twice.
    expect(workDone('verifySignature')).toBe(3 + 2 * MAX_CHECKS);
    await expectUnharmed(world);
  });

  test('the second question costs nothing: no check, no exchange', async () => {
    const zone = { text: evil, tamper: flooded(100, [Type.A], false) };
    const world = new SignedWorld({ '.': root('evil.'), 'evil.': zone, 'good.': good });
    await world.ask('www.evil. A');
    workDone('verifySignature');
    expect(await world.ask('www.evil. A')).toMatch(/^SERVFAIL/);
    expect([workDone('verifySignature'), world.asked]).toEqual([0, []]);
  });

  test('a hundred clients with one hostile question do its work once', async () => {
    const zones = (): Record<string, string | SignedZone> => ({
      '.': root('evil.'),
      'evil.': { text: evil, tamper: flooded(100, ALL, false) },
      'good.': good,
    });
    await new SignedWorld(zones()).ask('www.evil. A');
    const alone = workDone('verifySignature');
    const world = new SignedWorld(zones());
    const answers = await askTogether(world, Array(100).fill('www.evil. A'));
    expect(answers.map(({ rcode }) => rcode)).toEqual(Array(100).fill(Rcode.SERVFAIL));
    expect(workDone('verifySignature')).toBe(alone);
    await expectUnharmed(world);
  });

  test('100 DS of the tag of 40 keys: so many digests, and no check for keys none of them means', async () => {
    const zone: SignedZone = {
      text: evil,
      algorithm: 15,
      signing: ({ ksk }) => ({ published: [...collidingKeys(ksk, 40), ksk] }),
      ds: ([honest]) =>
        Array.from({ length: 100 }, (_, i) => {
          const digest = `${octets16(i)}${sliceOctets(honest!, 6)}`;
          return `${honest!.slice(0, 4)}${digest}` as Octets;
        }),
    };
    const world = new SignedWorld({ '.': root('evil.'), 'evil.': zone, 'good.': good });
    expect(await world.ask('www.evil. A')).toMatch(/^SERVFAIL\n; DNSKEY missing/i);
    expect(workDone('dsMatches')).toBeLessThanOrEqual(2 * MAX_DIGESTS + 10);
    expect(workDone('verifySignature')).toBeLessThan(8);
    await expectUnharmed(world);
  });

  test('zones below each other, seven bad signatures before each good one: one budget for all of them', async () => {
    const names = ['evil.', 'b.evil.', 'c.b.evil.', 'd.c.b.evil.', 'e.d.c.b.evil.'];
    const zones: Record<string, string | SignedZone> = { '.': root('evil.'), 'good.': good };
    for (const [i, apex] of names.entries()) {
      const child = names[i + 1];
      const cut = child === undefined ? '' : `${child} NS ns.${child}\nns.${child} A ${EVIL}\n`;
      zones[apex] = { text: `${evil}${cut}`, tamper: flooded(7, ALL) };
    }
    const world = new SignedWorld(zones);
    expect(await world.ask('www.e.d.c.b.evil. A')).toMatch(SPENT);
    expect(workDone('verifySignature')).toBe(LIMIT);
    await expectUnharmed(world);
    // It was used up by this name alone: remembered, so that asking again is free.
    workDone('verifySignature');
    expect(await world.ask('www.e.d.c.b.evil. A')).toMatch(SPENT);
    expect([workDone('verifySignature'), world.asked]).toEqual([0, []]);
  });

  test('a DNSKEY set that nobody signed rightly is judged once for all names of its zone', async () => {
    const zone = { text: `${evil}* A 192.0.2.67`, tamper: flooded(100, [Type.DNSKEY], false) };
    const world = new SignedWorld({ '.': root('evil.'), 'evil.': zone, 'good.': good });
    expect(await world.ask('n0.evil. A')).toMatch(/^SERVFAIL/);
    workDone('verifySignature');
    for (let i = 1; i <= 20; i++) expect(await world.ask(`n${i}.evil. A`)).toMatch(/^SERVFAIL/);
    expect(workDone('verifySignature')).toBe(0);
  });
});

describe('one budget, through every restart (CAMP, CVE-2026-50045)', () => {
  const tail = (last: string, count = 11): Record<string, string | SignedZone> => {
    const apexes = Array.from({ length: count }, (_, i) => `evil${i}.`);
    const zones: Record<string, string | SignedZone> = { '.': root(...apexes), 'good.': good };
    for (const [i, apex] of apexes.entries()) {
      const target = i + 1 < count ? `www.evil${i + 1}.` : last;
      const text = `@ NS ns\nns A ${EVIL}\nwww CNAME ${target}\n`;
      zones[apex] = { text, tamper: flooded(7, ALL) };
    }
    return zones;
  };

  test('aliases through eleven zones, each at the most one RRset may cost', async () => {
    const world = new SignedWorld(tail('www.good.', 10));
    expect(await world.ask('www.evil0. A')).toMatch(SPENT);
    expect(workDone('verifySignature')).toBe(LIMIT);
    expect(world.asked.length).toBeLessThanOrEqual(LIMITS.exchanges.default);
    await expectUnharmed(world);
  });

  // Root keys and DS take a check each, keys and CNAME of the hostile zone eight each; what follows is the good zone's.
  test.each([18, 19, 20])('what was led to with %i checks spent is not held against it', async (signatures) => {
    const world = new SignedWorld(tail('www.good.', 1), { config: `limits: { signatures: ${signatures} }` });
    expect(await world.ask('www.evil0. A')).toMatch(/^SERVFAIL\n; other: validation stopped: limit signatures/);
    await expectUnharmed(world);
    expect(await world.ask('www.evil0. A')).toMatch(/^NOERROR/);
  });

  test.each([18, 19, 20])('nor against those who ask for it meanwhile (%i)', async (signatures) => {
    const world = new SignedWorld(tail('www.good.', 1), { config: `limits: { signatures: ${signatures} }` });
    // The good zone is slow: others join the hostile question's lookups before it has run out.
    world.at(GOOD).rtt = 200;
    const hostile = world.composed.resolver.resolve(question('www.evil0.'), {
      checkingDisabled: false,
      trace: undefined,
    });
    hostile.catch(() => undefined);
    await world.clock.pass(250);
    const others = await askTogether(world, Array(20).fill('www.good. A'));
    expect((await hostile).rcode).toBe(Rcode.SERVFAIL);
    expect(others.map(({ rcode }) => rcode)).toEqual(Array(20).fill(Rcode.NOERROR));
  });

  test('DS and DNSKEY are fetched within the exchanges of the question (CVE-2026-5950, CVE-2026-24027)', async () => {
    const config = 'limits: { exchanges: 6 }\nupstream: { qnameMinimisation: off }';
    const world = new SignedWorld({ '.': root('evil.'), 'evil.': evil, 'good.': good }, { config });
    const deep = `${'x.'.repeat(100)}evil.`;
    world.at(EVIL).mutate = (reply, query) =>
      query.type === Type.DS || query.type === Type.DNSKEY ? undefined : { ...reply, authority: [], rcode: 0 };
    expect(await world.ask(`${deep} A`)).toMatch(/^SERVFAIL/);
    // Priming the root is nobody's question.
    expect(world.asked.filter((line) => !line.endsWith(' . NS')).length).toBeLessThanOrEqual(6);
    await expectUnharmed(world);
  });
});

describe('bogus answers are asked of others, within bounds', () => {
  test('of two more servers, in the same budget', async () => {
    const servers = Array.from({ length: 6 }, (_, i) => `203.0.113.${70 + i}`);
    const ns = servers.map((_, i) => `@ NS ns${i}`).join('\n');
    const glue = servers.map((address, i) => `ns${i} A ${address}`).join('\n');
    const cut = servers.map((address, i) => `evil. NS ns${i}.evil.\nns${i}.evil. A ${address}`).join('\n');
    const zone = { text: `${ns}\n${glue}\nwww A 192.0.2.66`, tamper: flooded(100, [Type.A], false) };
    const world = new SignedWorld({ '.': `${root()}\n${cut}`, 'evil.': zone, 'good.': good });
    expect(await world.ask('www.evil. A')).toMatch(/^SERVFAIL/);
    const answered = world.asked.filter((line) => line.endsWith(' www.evil. A'));
    expect(new Set(answered).size).toBe(3);
    expect(answered).toHaveLength(3);
    expect(workDone('verifySignature')).toBe(3 + 3 * MAX_CHECKS);
  });
});
