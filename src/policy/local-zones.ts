/**
 * Is a question answered by local policy? Zones of the configuration (`local.zones`), with the types of Unbound's
 * local-zone, and the built-in special-use zones. The deepest zone a name is in decides. Records change at run time
 * through local-changes.ts.
 */
import type { Config } from '../config/config.js';
import { addressToOctets } from '../dns/address.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import { type DomainName, isAtOrBelow, nameToText, parentOf, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import { type LocalAnswer, LocalZone, madeUpSoa } from './local-zone.js';
import { type SpecialUseZone, specialUseZones } from './special-use.js';
import { ZoneTree } from './zone-tree.js';

/** All local zones, compiled for answering (HOT: asked about every name). */
export class LocalZones {
  readonly #tree = new ZoneTree<LocalZone>();
  /** Zones that let a route through a built-in one. */
  readonly #holes = new Set<LocalZone>();
  /** Records set at run time for names in no zone: each answers for its own name and nothing else. */
  readonly #loose = new LocalZone({ name: ROOT, type: 'transparent', records: [] });
  #hasLoose = false;
  readonly #logs: boolean;

  /** A zone of `local.zones` replaces a built-in one; of a built-in one, subtrees with servers in `zones` are left out. */
  constructor({ local, zones }: Pick<Config, 'local' | 'zones'>) {
    for (const zone of local.zones) this.#tree.set(zone.name, new LocalZone(zone));
    if (local.specialUse) {
      this.#addSpecialUse(zones.filter((zone) => zone.servers.length > 0).map((zone) => zone.name));
    }
    this.#logs = local.zones.some((zone) => isLogged(zone.type));
  }

  /** What local policy says; undefined: nothing, go on resolving. The class is IN, `type` no meta type. */
  answer(name: DomainName, type: number): LocalAnswer | undefined {
    const zone = this.#zoneFor(name, type);
    const answer = zone && answerFrom(zone, name, type);
    if (answer !== undefined || !this.#hasLoose) return answer;
    return zone === undefined || this.#holes.has(zone) ? this.#looseAnswer(name, type) : undefined;
  }

  /** The RRset that stands at exactly that name, whatever the type of its zone makes of it. */
  rrsetAt(name: DomainName, type: number): RRset | undefined {
    return this.#holderOf(name, type).rrsetAt(name, type);
  }

  /** Why an RRset of that name and type could not be answered from; undefined: it can. */
  problemWith({ name, type }: Pick<RRset, 'name' | 'type'>): string | undefined {
    const zone = this.#holderOf(name, type);
    const apex = `${nameToText(zone.name)} (${zone.type})`;
    if (zone.type.startsWith('always_')) return `the local zone ${apex} answers without looking at records`;
    if (zone.type === 'redirect' && name !== zone.name) {
      return `the local zone ${apex} answers every name with the records of its apex`;
    }
    if (type === Type.DS && zone === this.#loose) return 'DS belongs to the zone above, and that is no local zone';
    // RFC 2181 §10.1: an alias is the only thing at its name.
    const others = zone.typesAt(name).filter((other) => other !== type);
    const clash = others.find((other) => type === Type.CNAME || other === Type.CNAME);
    return clash === undefined ? undefined : `${nameToText(name)} has ${typeToText(clash)}: a CNAME stands alone`;
  }

  /** Puts the RRset where questions for its name are answered. As LocalZone.put. */
  put(rrset: RRset): DomainName {
    const zone = this.#holderOf(rrset.name, rrset.type);
    const highest = zone.put(rrset);
    if (zone !== this.#loose) return highest;
    this.#hasLoose = true;
    return rrset.name;
  }

  /** As LocalZone.remove. */
  remove(name: DomainName, type: number): DomainName | undefined {
    const zone = this.#holderOf(name, type);
    const highest = zone.remove(name, type);
    if (zone !== this.#loose || highest === undefined) return highest;
    this.#hasLoose = zone.exists(ROOT);
    return name;
  }

  /** The zone that decides for that name and type; undefined: none does. */
  zoneOf(name: DomainName, type: number): Pick<LocalZone, 'name' | 'type' | 'isBuiltIn'> | undefined {
    const zone = this.#holderOf(name, type);
    return zone === this.#loose ? undefined : zone;
  }

  /** All records, those of built-in zones apart, in no order. */
  *rrsets(): Generator<RRset> {
    for (const zone of this.#tree.values()) if (!zone.isBuiltIn) yield* zone.rrsets();
    yield* this.#loose.rrsets();
  }

  #holderOf(name: DomainName, type: number): LocalZone {
    const zone = this.#zoneFor(name, type);
    return zone === undefined || this.#holes.has(zone) ? this.#loose : zone;
  }

  /** As of a transparent zone at the very name: what is below it, and its DS, are none of its business. */
  #looseAnswer(name: DomainName, type: number): LocalAnswer | undefined {
    if (type === Type.DS) return undefined;
    const answer = answerFrom(this.#loose, name, type);
    if (answer?.kind !== 'finding') return answer;
    const { finding } = answer;
    if (finding.kind !== 'nodata') return { ...answer, zone: name };
    const because = [
      { code: ExtendedErrorCode.OTHER, text: `local records of ${nameToText(name)} were set at run time` },
    ];
    return { ...answer, zone: name, finding: { ...finding, soa: madeUpSoa(name) }, because };
  }

  /** The `inform` or `inform_deny` zone that `name` is in: its queries are to be logged. */
  loggedZone(name: DomainName): DomainName | undefined {
    if (!this.#logs) return undefined;
    const zone = this.#tree.deepest(name);
    return zone !== undefined && isLogged(zone.type) ? zone.name : undefined;
  }

  /**
   * DS of an apex belongs to the zone above (RFC 4034 §5); RFC 8375 §4 wants that of home.arpa resolved. But the root is
   * not asked about special-use names at all (RFC 6761 §6.3, RFC 7686 §2), whatever the type.
   */
  #zoneFor(name: DomainName, type: number): LocalZone | undefined {
    const zone = this.#tree.deepest(name);
    if (type !== Type.DS || zone?.name !== name || zone.type === 'always_transparent') return zone;
    const parent = parentOf(name);
    if (parent === undefined || (parent === ROOT && zone.isBuiltIn)) return zone;
    return this.#tree.deepest(parent);
  }

  #addSpecialUse(routed: readonly DomainName[]): void {
    const builtIn = builtInZones(routed);
    const lifted = routed.filter((name) => this.#isLifted(name, builtIn));
    for (const zone of builtIn) if (this.#tree.get(zone.name) === undefined) this.#tree.set(zone.name, zone);
    for (const name of lifted) {
      const hole = new LocalZone({ name, type: 'always_transparent', records: [] });
      this.#holes.add(hole);
      this.#tree.set(name, hole);
    }
  }

  /** Whether a route at `name` makes a hole in a built-in zone: there is one around it, and no zone of the user's between. */
  #isLifted(name: DomainName, builtIn: readonly LocalZone[]): boolean {
    const around = builtIn.find((zone) => isAtOrBelow(name, zone.name));
    if (around === undefined) return false;
    const own = this.#tree.deepest(name);
    return own === undefined || !isAtOrBelow(own.name, around.name);
  }
}

function builtInZones(routed: readonly DomainName[]): LocalZone[] {
  const wanted = specialUseZones().filter((special) => !yields(special, routed));
  return wanted.map(
    ({ zone: name, type, records, because: document }) => new LocalZone({ name, type, records, document }),
  );
}

function yields({ zone, yieldsToAnyRoute }: SpecialUseZone, routed: readonly DomainName[]): boolean {
  return yieldsToAnyRoute && routed.some((name) => isAtOrBelow(zone, name));
}

function isLogged(type: LocalZone['type']): boolean {
  return type === 'inform' || type === 'inform_deny';
}

/** Each type as unbound.conf(5) describes it. */
function answerFrom(zone: LocalZone, name: DomainName, type: number): LocalAnswer | undefined {
  switch (zone.type) {
    case 'static':
      return zone.dataAt(name, type) ?? (zone.exists(name) ? zone.nodata : zone.nxdomain);
    case 'transparent':
    case 'inform':
      return zone.dataAt(name, type) ?? (zone.hasRecords(name) ? zone.nodata : undefined);
    case 'typetransparent':
      return zone.dataAt(name, type);
    case 'redirect':
      return zone.spreadTo(name, type) ?? zone.nodata;
    case 'refuse':
      return zone.dataAt(name, type) ?? zone.refused;
    case 'deny':
    case 'inform_deny':
      return zone.dataAt(name, type) ?? zone.silent;
    case 'always_nxdomain':
      return zone.nxdomain;
    case 'always_nodata':
      return zone.nodata;
    case 'always_refuse':
      return zone.refused;
    case 'always_transparent':
      return undefined;
    case 'always_null':
      return nullAnswer(zone, name, type);
    default:
      return zone.type satisfies never;
  }
}

/** Seconds; as the built-in zones have. */
const NULL_TTL = 10_800;

/** 0.0.0.0 and :: fail at once at the client, where NXDOMAIN would have some try other names. */
function nullAnswer(zone: LocalZone, name: DomainName, type: number): LocalAnswer {
  if (type !== Type.A && type !== Type.AAAA) return zone.nodata;
  const rdata = addressToOctets(type === Type.A ? '0.0.0.0' : '::')!;
  return zone.forged({ name, type, ttl: NULL_TTL, rdatas: [rdata], signatures: [] });
}
