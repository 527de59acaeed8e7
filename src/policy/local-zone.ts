/** What does one local zone hold? Its records by owner and type, and the answers it gives over and over, made once. */
import type { LocalZoneType } from '../config/schema.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Finding } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameFromText, nameToText, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { concatOctets, octets32 } from '../dns/octets.js';
import { groupRecords, type ResourceRecord, type RRset, soaOf, targetOf } from '../dns/rrset.js';

/** What local policy says to a question. `because` may become extended errors of the reply. */
export type LocalAnswer =
  | {
      readonly kind: 'finding';
      readonly finding: Finding;
      readonly zone: DomainName;
      readonly because: readonly ExtendedError[];
    }
  | { readonly kind: 'refused'; readonly zone: DomainName; readonly because: readonly ExtendedError[] }
  /** Send nothing at all. */
  | { readonly kind: 'silent'; readonly zone: DomainName };

interface LocalZoneSource {
  readonly name: DomainName;
  readonly type: LocalZoneType;
  readonly records: readonly ResourceRecord[];
  /** The document that asks for a built-in zone; undefined for zones of the configuration. */
  readonly document?: string;
}

/**
 * A local zone compiled for answering. Wildcard owners are names like any other: they are not expanded. Its records may
 * change while it answers; each change is there, whole, for the next question.
 */
export class LocalZone {
  readonly name: DomainName;
  readonly type: LocalZoneType;
  /** Whether a document asks for it, not the configuration. */
  readonly isBuiltIn: boolean;
  readonly refused: LocalAnswer;
  readonly silent: LocalAnswer;
  readonly #because: readonly ExtendedError[];
  readonly #owners = new Map<DomainName, Map<number, RRset>>();
  /** Owners and the names between them and the apex (empty non-terminals, RFC 8020 §2), with how many owners need them. */
  readonly #existing = new Map<DomainName, number>();
  #nxdomain: LocalAnswer;
  #nodata: LocalAnswer;

  constructor(source: LocalZoneSource) {
    this.name = source.name;
    this.type = source.type;
    this.isBuiltIn = source.document !== undefined;
    this.#because = [{ code: codeOf(source), text: reasonOf(source) }];
    this.refused = { kind: 'refused', zone: this.name, because: this.#because };
    this.silent = { kind: 'silent', zone: this.name };
    this.#nxdomain = this.#denial('nxdomain');
    this.#nodata = this.#denial('nodata');
    for (const rrset of groupRecords(source.records)) this.put(rrset);
  }

  get nxdomain(): LocalAnswer {
    return this.#nxdomain;
  }

  get nodata(): LocalAnswer {
    return this.#nodata;
  }

  /** The answer or alias from the zone's records at `name`; undefined when there is neither. */
  dataAt(name: DomainName, type: number): LocalAnswer | undefined {
    const rrsets = this.#owners.get(name);
    const rrset = rrsets?.get(type);
    if (rrset !== undefined) return this.#found({ kind: 'answer', rrset }, []);
    const alias = rrsets?.get(Type.CNAME);
    return alias === undefined ? undefined : this.#aliasFrom(alias);
  }

  /** The records of the apex as if they stood at `name`. SOA and NS make a zone's apex and do not spread. */
  spreadTo(name: DomainName, type: number): LocalAnswer | undefined {
    if (name !== this.name && (type === Type.SOA || type === Type.NS)) return undefined;
    const rrsets = this.#owners.get(this.name);
    const rrset = rrsets?.get(type);
    if (rrset !== undefined) return this.#found({ kind: 'answer', rrset: { ...rrset, name } }, []);
    const alias = rrsets?.get(Type.CNAME);
    return alias === undefined ? undefined : this.#aliasFrom({ ...alias, name });
  }

  /** Whether `name` has records of any type. */
  hasRecords(name: DomainName): boolean {
    return this.#owners.has(name);
  }

  /** Whether `name` has records or stands above one that has. */
  exists(name: DomainName): boolean {
    return this.#existing.has(name);
  }

  /** A positive answer made up for `name`, told as forged (RFC 8914 §4.5). */
  forged(rrset: RRset): LocalAnswer {
    const text = `blocked by the local zone ${nameToText(this.name)} (${this.type})`;
    return this.#found({ kind: 'answer', rrset }, [{ code: ExtendedErrorCode.FORGED_ANSWER, text }]);
  }

  /** The RRset of exactly that name and type. */
  rrsetAt(name: DomainName, type: number): RRset | undefined {
    return this.#owners.get(name)?.get(type);
  }

  /** The types there are records of at a name. */
  typesAt(name: DomainName): number[] {
    return [...(this.#owners.get(name)?.keys() ?? [])];
  }

  *rrsets(): Generator<RRset> {
    for (const rrsets of this.#owners.values()) yield* rrsets.values();
  }

  /**
   * Takes the RRset in the place of the one of its name and type. The highest name that other answers than before are
   * given for: that of the RRset, or one above that did not exist.
   */
  put(rrset: RRset): DomainName {
    const { name, type } = rrset;
    const rrsets = this.#owners.get(name);
    if (rrsets !== undefined) rrsets.set(type, rrset);
    else this.#owners.set(name, new Map([[type, rrset]]));
    const highest = rrsets === undefined ? this.#count(name, 1) : name;
    if (type === Type.SOA) this.#renewDenials();
    return highest;
  }

  /** Takes the RRset out. The highest name that other answers are given for; undefined when there is none to take. */
  remove(name: DomainName, type: number): DomainName | undefined {
    const rrsets = this.#owners.get(name);
    if (rrsets === undefined || !rrsets.delete(type)) return undefined;
    if (rrsets.size === 0) this.#owners.delete(name);
    const highest = rrsets.size === 0 ? this.#count(name, -1) : name;
    if (type === Type.SOA) this.#renewDenials();
    return highest;
  }

  /** One owner more or less at a name; the highest name that exists now, or does not any more. */
  #count(owner: DomainName, change: 1 | -1): DomainName {
    let highest = owner;
    for (const name of selfAndAncestors(owner)) {
      if (!isAtOrBelow(name, this.name)) break;
      const before = this.#existing.get(name) ?? 0;
      const after = before + change;
      if (after === 0) this.#existing.delete(name);
      else this.#existing.set(name, after);
      if (before === 0 || after === 0) highest = name;
    }
    return highest;
  }

  #renewDenials(): void {
    this.#nxdomain = this.#denial('nxdomain');
    this.#nodata = this.#denial('nodata');
  }

  #denial(kind: 'nxdomain' | 'nodata'): LocalAnswer {
    const soa = negativeSoa(this.rrsetAt(this.name, Type.SOA)) ?? madeUpSoa(this.name);
    return this.#found({ kind, soa, proof: [] }, this.#because);
  }

  #aliasFrom(rrset: RRset): LocalAnswer | undefined {
    const target = targetOf(rrset.rdatas[0]!);
    return target === undefined ? undefined : this.#found({ kind: 'alias', rrset, target }, []);
  }

  #found(finding: Finding, because: readonly ExtendedError[]): LocalAnswer {
    return { kind: 'finding', finding, zone: this.name, because };
  }
}

/** RFC 2308 §3: the SOA of a negative answer lives no longer than its MINIMUM field says. */
function negativeSoa(rrset: RRset | undefined): RRset | undefined {
  const minimum = rrset && soaOf(rrset.rdatas[0]!)?.minimum;
  return rrset && minimum !== undefined ? { ...rrset, ttl: Math.min(rrset.ttl, minimum) } : undefined;
}

/** Seconds. Short: what the zone does not hold may be put there at any time, and nobody said how long it stays away. */
const MADE_UP_TTL = 60;

/**
 * RFC 2308 §2.2, §5: a denial without SOA is NODATA to nobody for long, so that clients ask again and again. A zone that
 * has none is given one for its denials; it answers no question for SOA. The fields are those of RFC 6303 §3.
 */
export function madeUpSoa(zone: DomainName): RRset {
  const numbers = [1, 3600, 1200, 604_800, MADE_UP_TTL].map(octets32);
  const rdata = concatOctets(zone, nameFromText('nobody.invalid.'), ...numbers);
  return { name: zone, type: Type.SOA, ttl: MADE_UP_TTL, rdatas: [rdata], signatures: [] };
}

const BLOCKING: ReadonlySet<LocalZoneType> = new Set(['refuse', 'always_refuse', 'always_nxdomain', 'always_null']);

function codeOf({ type, document }: LocalZoneSource): number {
  return document === undefined && BLOCKING.has(type) ? ExtendedErrorCode.BLOCKED : ExtendedErrorCode.OTHER;
}

function reasonOf({ name, type, document }: LocalZoneSource): string {
  const zone = nameToText(name);
  return document === undefined
    ? `said by the local zone ${zone} (${type})`
    : `${zone} is a special-use zone, answered here and asked of nobody: ${document}`;
}
