/** From which keys does trust start, and where is it turned off on purpose? (RFC 4033 §2, RFC 7646) */
import type { TrustAnchor } from '../config/trust-anchors.js';
import { dnskeyOf, dsOf } from '../dns/dnssec-rdata.js';
import { type DomainName, parentOf, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';

export interface ZoneAnchors {
  readonly zone: DomainName;
  /** RDATA of DS records. */
  readonly ds: readonly Octets[];
  /** RDATA of DNSKEY records. */
  readonly dnskeys: readonly Octets[];
}

export interface NegativeAnchor {
  readonly name: DomainName;
  /** Milliseconds since 1970, null for ever. */
  readonly until: number | null;
  readonly reason: string;
}

/** What governs a name: the deepest anchor at or above it, a negative one, or nothing. */
export type Governing =
  | { readonly kind: 'anchor'; readonly anchors: ZoneAnchors }
  | { readonly kind: 'negative'; readonly anchor: NegativeAnchor }
  | { readonly kind: 'none' };

/** Anchors that change while we run (RFC 5011). */
export interface TrackedAnchors {
  isTracked(zone: DomainName): boolean;
  /** What is trusted at that zone now; undefined when trust in it has ended (RFC 5011 §5). */
  at(zone: DomainName): ZoneAnchors | undefined;
}

/** Anchors by their zone. */
export function groupAnchors(anchors: readonly TrustAnchor[]): readonly ZoneAnchors[] {
  const zones = new Map<DomainName, ZoneAnchors>();
  for (const { zone, type, rdata } of anchors) {
    const known = zones.get(zone) ?? { zone, ds: [], dnskeys: [] };
    const grown =
      type === Type.DS ? { ...known, ds: [...known.ds, rdata] } : { ...known, dnskeys: [...known.dnskeys, rdata] };
    zones.set(zone, grown);
  }
  return [...zones.values()];
}

export class TrustAnchors {
  readonly #fixed: ReadonlyMap<DomainName, ZoneAnchors>;
  readonly #negative: ReadonlyMap<DomainName, NegativeAnchor>;

  /** `tracked` speaks for its zones alone, and is asked at every use, so that a change holds at once. */
  constructor(
    anchors: readonly TrustAnchor[],
    negative: readonly NegativeAnchor[],
    readonly tracked?: TrackedAnchors,
  ) {
    this.#fixed = new Map(groupAnchors(anchors).map((zone) => [zone.zone, zone]));
    this.#negative = new Map(negative.map((anchor) => [anchor.name, anchor]));
  }

  /** The anchors of exactly that zone. */
  at(zone: DomainName): ZoneAnchors | undefined {
    return this.tracked?.isTracked(zone) === true ? this.tracked.at(zone) : this.#fixed.get(zone);
  }

  /** Key tags of the anchors of exactly that zone, digests included. */
  tagsAt(zone: DomainName): readonly number[] {
    const { ds = [], dnskeys = [] } = this.at(zone) ?? {};
    return [...ds.map(dsOf), ...dnskeys.map(dnskeyOf)].flatMap((named) => named?.keyTag ?? []);
  }

  /**
   * What governs data of that name and type. DS belongs to the zone above (RFC 4034 §5). An anchor below a negative one
   * turns validation on again (RFC 7646 §2). @param wall milliseconds since 1970
   */
  governing(name: DomainName, type: number, wall: number): Governing {
    const start = type === Type.DS ? (parentOf(name) ?? name) : name;
    for (const at of selfAndAncestors(start)) {
      const negative = this.#negative.get(at);
      if (negative !== undefined && (negative.until === null || negative.until > wall)) {
        return { kind: 'negative', anchor: negative };
      }
      const anchors = this.at(at);
      if (anchors !== undefined) return { kind: 'anchor', anchors };
    }
    return { kind: 'none' };
  }
}
