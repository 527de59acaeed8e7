/**
 * Is a question answered by local policy? Zones of the configuration (`local.zones`), with the types of Unbound's
 * local-zone, and the built-in special-use zones. The deepest zone a name is in decides.
 */
import type { Config } from '../config/config.js';
import { addressToOctets } from '../dns/address.js';
import { type DomainName, isAtOrBelow, parentOf, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type LocalAnswer, LocalZone } from './local-zone.js';
import { type SpecialUseZone, specialUseZones } from './special-use.js';
import { ZoneTree } from './zone-tree.js';

/** All local zones, compiled for answering (HOT: asked about every name). */
export class LocalZones {
  readonly #tree = new ZoneTree<LocalZone>();
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
    return zone && answerFrom(zone, name, type);
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
    for (const name of lifted) this.#tree.set(name, new LocalZone({ name, type: 'always_transparent', records: [] }));
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
