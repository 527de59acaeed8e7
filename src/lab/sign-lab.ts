/**
 * How does a lab become a chain of trust? Its zones are signed from the leaves up: a parent can be signed when it holds
 * the DS records of its children.
 */
import { type DomainName, labelCount } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { dsFor } from './delegation-signer.js';
import { type DenialStyle, type SigningOptions, signZone } from './sign-zone.js';
import { KeyMaker, type SigningAlgorithm } from './signing-key.js';
import { Zone } from './zone.js';
import { faultyContents, faultyDs, faultySigning, type ZoneFault } from './zone-faults.js';

/** How one zone of a lab is to be signed. */
export interface SigningPlan {
  readonly algorithm: SigningAlgorithm;
  readonly keys: 'split' | 'csk';
  readonly denial: DenialStyle;
  readonly fault?: ZoneFault | undefined;
}

export interface SignedLab {
  /** By the names of their files, as they were given. */
  readonly zones: ReadonlyMap<string, Zone>;
  /** DS RDATA of each zone that was signed, by apex: what its parent says, or of the root a trust anchor. */
  readonly ds: ReadonlyMap<DomainName, readonly Octets[]>;
}

/** Signatures are valid from an hour before the lab starts (clocks differ) for longer than a lab runs. */
const VALID_BEFORE = 3600;
const VALID_AFTER = 90 * 86_400;

/**
 * Signs the zones that have a plan, each plan under the name of its zone's file; the others stay as they are. `now`:
 * seconds since 1970. Throws RangeError, with the file's name in front, for a zone that cannot be signed.
 */
export function signLab(
  zones: ReadonlyMap<string, Zone>,
  plans: Readonly<Record<string, SigningPlan>>,
  now: number,
): SignedLab {
  const keyMaker = new KeyMaker();
  const ds = new Map<DomainName, readonly Octets[]>();
  const served = new Map(zones);
  const childrenFirst = [...zones].sort(([, a], [, b]) => labelCount(b.apex) - labelCount(a.apex));
  for (const [file, zone] of childrenFirst) {
    const plan = plans[file];
    if (plan === undefined) continue;
    const keys = keyMaker.zoneKeys(plan.algorithm, plan.keys);
    const sound = { keys, denial: plan.denial, inception: now - VALID_BEFORE, expiration: now + VALID_AFTER };
    const options = plan.fault === undefined ? sound : faultySigning(sound, plan.fault, zone, keyMaker);
    const signed = signedAs(file, withDs(zone, ds), options);
    served.set(file, plan.fault === undefined ? signed : faultyContents(signed, plan.fault));
    ds.set(zone.apex, plan.fault === undefined ? dsFor(signed) : faultyDs(dsFor(signed), plan.fault));
  }
  return { zones: served, ds };
}

function signedAs(file: string, zone: Zone, options: SigningOptions): Zone {
  try {
    return signZone(zone, options);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${file}: ${error.message}`);
    throw error;
  }
}

/** The zone with the DS RRsets of those of its delegations whose zones are signed. */
function withDs(zone: Zone, ds: ReadonlyMap<DomainName, readonly Octets[]>): Zone {
  const added: RRset[] = [];
  for (const ns of zone.delegations()) {
    const rdatas = ds.get(ns.name);
    // RFC 4034 §5: the TTL of the delegation.
    if (rdatas !== undefined) added.push({ name: ns.name, type: Type.DS, ttl: ns.ttl, rdatas, signatures: [] });
  }
  return new Zone(zone.apex, [...zone.rrsets(), ...added]);
}
