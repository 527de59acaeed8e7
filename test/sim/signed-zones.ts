/**
 * A signed internet for scenarios, with whatever a hostile zone owner or someone on the path makes of it: zones as text
 * are signed from the leaves up, may then be tampered with, and the root's DS becomes the trust anchor.
 */
import { randomBytes } from 'node:crypto';
import { dnskeyOf } from '../../src/dns/dnssec-rdata.js';
import { type DomainName, labelCount } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { NO_OCTETS, type Octets, octets16, octetsOf, uint16At } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { dsFor } from '../../src/lab/delegation-signer.js';
import { type DenialStyle, type SigningOptions, signZone } from '../../src/lab/sign-zone.js';
import { signatureOver } from '../../src/lab/signature.js';
import { KeyMaker, keyTag, type SigningAlgorithm, type SigningKey, type ZoneKeys } from '../../src/lab/signing-key.js';
import { Zone } from '../../src/lab/zone.js';
import { SimClock } from './clock.js';
import { loadOne, World, type WorldOptions } from './world.js';

/** Signs an RRset with the zone's key, until `expiration` (seconds since 1970) when given. */
export type Sign = (rrset: RRset, expiration?: number) => RRset;

export interface SignedZone {
  readonly text: string;
  readonly algorithm?: SigningAlgorithm;
  readonly denial?: DenialStyle;
  /** Not signed; its parent has no DS. */
  readonly unsigned?: true;
  /** Other choices of the signer. */
  readonly signing?: (keys: ZoneKeys) => Partial<SigningOptions>;
  /** After signing. */
  readonly tamper?: (zone: Zone, sign: Sign) => Zone;
  /** What the parent gets as DS. */
  readonly ds?: (honest: readonly Octets[]) => readonly Octets[];
}

export const NSEC3: DenialStyle = { kind: 'nsec3', iterations: 0, salt: NO_OCTETS, optOut: false };

/** Seconds since 1970 at which a world begins. */
export const START = Math.floor(new SimClock().wall() / 1000);
const keyMaker = new KeyMaker();

export class SignedWorld extends World {
  constructor(zones: Readonly<Record<string, string | SignedZone>>, options: WorldOptions = {}) {
    const { served, anchors } = signAll(zones);
    const dnssec = `dnssec: { trustAnchors: ${JSON.stringify(anchors)} }`;
    super(served, { ...options, config: `${options.config ?? ''}\n${dnssec}\n` });
  }
}

function signAll(plans: Readonly<Record<string, string | SignedZone>>): {
  served: Record<string, Zone>;
  anchors: string[];
} {
  const served: Record<string, Zone> = {};
  const ds = new Map<DomainName, readonly Octets[]>();
  const zones = Object.entries(plans).map(([apex, given]) => {
    const plan: SignedZone = typeof given === 'string' ? { text: given } : given;
    return { apex, plan, zone: loadOne(apex, plan.text) };
  });
  for (const { apex, plan, zone } of zones.sort((a, b) => labelCount(b.zone.apex) - labelCount(a.zone.apex))) {
    const keys = keyMaker.zoneKeys(plan.algorithm ?? 13, 'csk');
    if (plan.unsigned) {
      served[apex] = zone;
      continue;
    }
    const times = { inception: START - 3600, expiration: START + 90 * 86_400 };
    const options = { keys, denial: plan.denial ?? { kind: 'nsec' }, ...times, ...plan.signing?.(keys) } as const;
    const signed = signZone(withDs(zone, ds), options);
    const sign: Sign = (rrset, expiration = times.expiration) => {
      const signer = { key: options.keys.zsk, name: zone.apex, ...times, expiration };
      return { ...rrset, signatures: [signatureOver(rrset, signer)] };
    };
    served[apex] = plan.tamper === undefined ? signed : plan.tamper(signed, sign);
    const honest = dsFor(signed);
    ds.set(zone.apex, plan.ds === undefined ? honest : plan.ds(honest));
  }
  return { served, anchors: ((ds.get(loadOne('.', '').apex) ?? []) as Octets[]).map(anchorText) };
}

function anchorText(ds: Octets): string {
  const [, algorithm, digestType] = [0, ds.charCodeAt(2), ds.charCodeAt(3)];
  return `. IN DS ${uint16At(ds, 0)} ${algorithm} ${digestType} ${Buffer.from(ds.slice(4), 'latin1').toString('hex')}`;
}

function withDs(zone: Zone, ds: ReadonlyMap<DomainName, readonly Octets[]>): Zone {
  const added = [...zone.delegations()].flatMap(({ name, ttl }): RRset[] => {
    const rdatas = ds.get(name);
    return rdatas === undefined ? [] : [{ name, type: Type.DS, ttl, rdatas, signatures: [] }];
  });
  return new Zone(zone.apex, [...zone.rrsets(), ...added]);
}

/** The zone with one RRset changed, or gone when `change` gives undefined. */
export function changed(zone: Zone, name: DomainName, type: number, change: (rrset: RRset) => RRset | undefined): Zone {
  const rrsets = [...zone.rrsets()].map((set) => (set.name === name && set.type === type ? change(set) : set));
  return new Zone(
    zone.apex,
    rrsets.filter((set) => set !== undefined),
  );
}

/** The same key with other flags in its DNSKEY. */
export function withFlags(key: SigningKey, flags: number): SigningKey {
  const dnskey = `${octets16(flags)}${key.dnskey.slice(2)}` as Octets;
  return { ...key, dnskey, tag: keyTag(dnskey) };
}

/** Public keys of Ed25519 with the tag of `key`: any 32 octets are taken for one until a signature is checked. */
export function collidingKeys(key: SigningKey, count: number): SigningKey[] {
  const made: SigningKey[] = [];
  for (let tries = 0; made.length < count && tries < 100 * count; tries++) {
    const head = `${octets16(0x0100)}\x03\x0f`;
    const rest = octetsOf(randomBytes(30));
    const missing = (key.tag - keyTag(`${head}\0\0${rest}` as Octets) + 0xffff) % 0xffff;
    const dnskey = `${head}${octets16(missing)}${rest}` as Octets;
    if (dnskeyOf(dnskey)?.keyTag === key.tag) made.push({ ...key, algorithm: 15, dnskey });
  }
  return made;
}

/** Signatures that cost a check each and do not hold: the last octets of a good one are changed. */
export function spoilt(signature: Octets, count: number): Octets[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = Buffer.from(signature, 'latin1');
    bytes.writeUInt16BE((bytes.readUInt16BE(bytes.length - 2) + i + 1) & 0xffff, bytes.length - 2);
    return octetsOf(bytes);
  });
}
