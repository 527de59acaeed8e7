/**
 * Whatever servers and the path make of replies, what counts as secure is what the zones hold, and what the zones prove
 * does not count as less: an honest world and one whose replies are changed at random are asked the same.
 *
 * The attacker has every record that was ever signed, and no key: records are replayed, moved, dropped and altered.
 */
import { expect, test } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { nameFromText, nameToText, parentOf, prepend, ROOT } from '../../src/dns/name.js';
import { Rcode, Type, typeToText } from '../../src/dns/numbers.js';
import { type Octets, octets16 } from '../../src/dns/octets.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { type ResourceRecord, recordsOf } from '../../src/dns/rrset.js';
import { dsFor } from '../../src/lab/delegation-signer.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import type { Zone } from '../../src/lab/zone.js';
import type { ExchangeQuery } from '../../src/ports/exchange.js';
import type { Random } from '../../src/ports/random.js';
import { recordToText } from '../../src/presentation/record-text.js';
import { seededRandom } from '../sim/random.js';
import { NSEC3, SignedWorld, type SignedZone } from '../sim/signed-zones.js';
import { World } from '../sim/world.js';

const ADDRESSES = ['203.0.113.1', '203.0.113.2', '203.0.113.3'];
const TYPES = [Type.A, Type.TXT, Type.CNAME, Type.NS, Type.DS, Type.DNSKEY, Type.SOA, Type.NSEC, Type.DNAME];
const LABELS = [
  'www',
  'to',
  'ent',
  'x.ent',
  'y.ent',
  'wild',
  'x.wild',
  'y.x.wild',
  'real.wild',
  'gone',
  'a',
  'zz',
  'old',
  'x.old',
];

const zoneText = (ns: string, seed: string): string => `@ NS ns
ns A ${ns}
www A 192.0.2.1
www TXT "${seed}"
to CNAME www.b.
x.ent A 192.0.2.3
*.wild A 192.0.2.4
real.wild TXT "real"
*.far CNAME www
old DNAME wild
`;

/** The root, a zone for each way of denying, and below each a signed and an unsigned one. */
function zonesFor(random: Random): Record<string, string | SignedZone> {
  const place = (): string => ADDRESSES[random.below(ADDRESSES.length)]!;
  const zones: Record<string, string | SignedZone> = {};
  let root = '@ NS a.root.\na.root. A 198.41.0.4\n';
  const styles = [{ kind: 'nsec' } as const, NSEC3, { ...NSEC3, optOut: true }] as const;
  for (const [i, apex] of ['a', 'b', 'c'].entries()) {
    const at = place();
    root += `${apex} NS ns.${apex}.\nns.${apex}. A ${at}\n`;
    let text = zoneText(at, apex);
    for (const child of ['s', 'u']) {
      const below = place();
      text += `${child} NS ns.${child}\nns.${child} A ${below}\n`;
      const style = styles[random.below(styles.length)]!;
      const own = { text: zoneText(below, `${child}.${apex}`) };
      zones[`${child}.${apex}.`] = child === 'u' ? { ...own, unsigned: true } : { ...own, denial: style };
    }
    zones[`${apex}.`] = { text, denial: styles[i]! };
  }
  return { '.': root, ...zones };
}

/** Makes of a reply what somebody without keys can. */
class Attacker {
  readonly #seen: Message[] = [];

  constructor(
    readonly random: Random,
    readonly pool: readonly ResourceRecord[],
    /** Replies changed, of a hundred. */
    readonly share: number,
  ) {}

  mutate(reply: Message, query: ExchangeQuery): Message {
    this.#seen.push(reply);
    if (this.random.below(100) >= this.share) return reply;
    let made = reply;
    for (let times = 1 + this.random.below(3); times > 0; times--) made = this.#once(made, query);
    return made;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.random.below(Math.max(1, from.length))];
  }

  #once(reply: Message, query: ExchangeQuery): Message {
    const section = this.random.below(2) === 0 ? 'answer' : 'authority';
    const records = reply[section];
    const other = this.#pick(this.#seen)!;
    switch (this.random.below(14)) {
      case 0:
        return { ...other, questions: reply.questions };
      case 1:
        return { ...reply, [section]: [...records, ...other[section]] };
      case 2:
        return { ...reply, [section]: [] };
      case 3:
        return { ...reply, [section]: records.filter(() => this.random.below(3) > 0) };
      case 4:
        return { ...reply, [section]: records.filter(({ type }) => type !== Type.RRSIG) };
      case 5:
        return { ...reply, rcode: this.random.below(2) === 0 ? Rcode.NXDOMAIN : Rcode.NOERROR };
      case 6:
        return { ...reply, aa: !reply.aa };
      case 7:
        return { ...reply, [section]: [...this.#set(), ...records] };
      case 8:
        return {
          ...reply,
          rcode: Rcode.NOERROR,
          answer: this.#set().map((record) => ({ ...record, name: query.name })),
        };
      case 9:
        return { ...reply, [section]: records.map((record) => this.#altered(record)) };
      case 10:
        return { ...reply, [section]: [...this.#forged(query), ...records] };
      case 11:
        return { ...reply, [section]: records.flatMap((record) => this.#resigned(record)) };
      case 12:
        return { ...reply, answer: [], authority: [...this.#set(), ...this.#set(), ...this.#set()] };
      default:
        return { ...reply, answer: reply.authority, authority: reply.answer };
    }
  }

  /** An RRset of the world with its signatures. */
  #set(): ResourceRecord[] {
    const one = this.#pick(this.pool)!;
    return this.pool.filter(
      ({ name, type, rdata }) =>
        name === one.name && (type === one.type || (type === Type.RRSIG && rdata.startsWith(octets16(one.type)))),
    );
  }

  #altered(record: ResourceRecord): ResourceRecord {
    if (record.rdata.length === 0 || this.random.below(2) === 0) return record;
    const at = record.type === Type.RRSIG ? this.random.below(18) : this.random.below(record.rdata.length);
    const octet = String.fromCharCode(this.random.below(256));
    return { ...record, rdata: `${record.rdata.slice(0, at)}${octet}${record.rdata.slice(at + 1)}` as Octets };
  }

  /** An unsigned NSEC for, or referral to, the name. */
  #forged({ name }: ExchangeQuery): ResourceRecord[] {
    const types = this.random.below(2) === 0 ? [Type.NS] : [Type.TXT, Type.NSEC];
    const nsec = `${prepend('\0', name) ?? name}${typeBitMaps(types)}` as Octets;
    const owner = this.random.below(2) === 0 ? name : (parentOf(name) ?? name);
    const forged = { name: owner, class: 1, ttl: 3600 };
    return [
      { ...forged, type: Type.NSEC, rdata: nsec },
      { ...forged, type: Type.NS, rdata: nameFromText('ns.u.a.') },
    ];
  }

  /** Signatures by another signer beside, or in place of, the good ones. */
  #resigned(record: ResourceRecord): ResourceRecord[] {
    if (record.type !== Type.RRSIG) return [record];
    const signer = this.#pick(['.', 'a.', 'b.', 'u.a.', 's.a.', 'www.a.'])!;
    const rdata = `${record.rdata.slice(0, 18)}${nameFromText(signer)}${'x'.repeat(64)}` as Octets;
    return this.random.below(2) === 0 ? [{ ...record, rdata }, record] : [{ ...record, rdata }];
  }
}

/** What the servers of a world serve, signed. */
function zonesOf(world: World): Record<string, Zone> {
  const zones = [...world.network.servers.values()].flatMap((server) => server.zones);
  return Object.fromEntries(zones.map((zone) => [nameToText(zone.apex), zone]));
}

function digest({ rcode, answer }: Resolution): string {
  const sets = answer.map(({ name, type, rdatas }) => `${name} ${typeToText(type)} ${[...rdatas].sort().join('|')}`);
  return JSON.stringify([rcode, sets]);
}

interface Told {
  readonly question: string;
  readonly honest: string;
  readonly got: string;
}

async function run(
  seed: number,
  questions: number,
  share: number,
): Promise<{ wrong: Told[]; secure: number; failed: number }> {
  const random = seededRandom(seed);
  const zones = zonesFor(random);
  const honest = new SignedWorld(zones, { seed });
  const signed = zonesOf(honest);
  const rootDs = [
    ...recordsOf({ name: ROOT, type: Type.DS, ttl: 0, rdatas: dsFor(signed['.']!), signatures: [] }, false),
  ];
  const anchors = rootDs.map((record) => recordToText(record).replace(' 0 ', ' '));
  const hostile = new World(signed, { seed, config: `dnssec: { trustAnchors: ${JSON.stringify(anchors)} }` });
  const pool = Object.values(signed).flatMap((zone) =>
    [...zone.rrsets()].flatMap((rrset) => [...recordsOf(rrset, true)]),
  );
  const attacker = new Attacker(random, pool, share);
  for (const server of hostile.network.servers.values())
    server.mutate = (reply, query) => attacker.mutate(reply, query);
  const wrong: Told[] = [];
  let secure = 0;
  let failed = 0;
  for (let i = 0; i < questions; i++) {
    const apex = ['', 'a.', 'b.', 'c.', 's.a.', 's.b.', 's.c.', 'u.a.', 'u.b.', 'u.c.'][random.below(10)]!;
    const label = random.below(8) === 0 ? '' : `${LABELS[random.below(LABELS.length)]}.`;
    const question = `${label}${apex}` === '' ? '.' : `${label}${apex}`;
    const type = typeToText(TYPES[random.below(random.below(2) === 0 ? 2 : TYPES.length)]!);
    const truth = await honest.resolution(`${question} ${type}`);
    const got = await hostile.resolution(`${question} ${type}`);
    if (got.rcode === Rcode.SERVFAIL) failed++;
    else if (got.security.kind === 'secure') {
      secure++;
      if (truth.security.kind !== 'secure' || digest(got) !== digest(truth))
        wrong.push(tell(question, type, truth, got));
    } else if (truth.security.kind === 'secure') wrong.push(tell(question, type, truth, got));
    await hostile.clock.pass(random.below(4) === 0 ? 61_000 : 0);
  }
  return { wrong, secure, failed };
}

function tell(question: string, type: string, honest: Resolution, got: Resolution): Told {
  return {
    question: `${question} ${type}`,
    honest: `${honest.security.kind} ${digest(honest)}`,
    got: `${got.security.kind} ${digest(got)}`,
  };
}

test.each([1, 2, 3])('world %s', async (seed) => {
  const { wrong, secure, failed } = await run(seed, 60, 50);
  expect(wrong).toEqual([]);
  // Both outcomes are met: enough is left alone to be answered, enough is spoilt to be refused.
  expect([secure > 10, failed > 0]).toEqual([true, true]);
});
