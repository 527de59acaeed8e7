/** From which keys does trust start, and where is it turned off on purpose? (RFC 4033 §2, RFC 7646) */
import type { TrustAnchor } from '../config/trust-anchors.js';
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

export class TrustAnchors {
  readonly #zones = new Map<DomainName, ZoneAnchors>();
  readonly #negative: ReadonlyMap<DomainName, NegativeAnchor>;

  constructor(anchors: readonly TrustAnchor[], negative: readonly NegativeAnchor[]) {
    for (const { zone, type, rdata } of anchors) {
      const known = this.#zones.get(zone) ?? { zone, ds: [], dnskeys: [] };
      const grown =
        type === Type.DS ? { ...known, ds: [...known.ds, rdata] } : { ...known, dnskeys: [...known.dnskeys, rdata] };
      this.#zones.set(zone, grown);
    }
    this.#negative = new Map(negative.map((anchor) => [anchor.name, anchor]));
  }

  /** The anchors of exactly that zone. */
  at(zone: DomainName): ZoneAnchors | undefined {
    return this.#zones.get(zone);
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
      const anchors = this.#zones.get(at);
      if (anchors !== undefined) return { kind: 'anchor', anchors };
    }
    return { kind: 'none' };
  }
}
