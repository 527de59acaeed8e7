/** What does one local zone hold? Its records by owner and type, and the answers it gives over and over, made once. */
import type { LocalZoneType } from '../config/schema.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Finding } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameToText, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
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

/** A local zone compiled for answering. Wildcard owners are names like any other: they are not expanded. */
export class LocalZone {
  readonly name: DomainName;
  readonly type: LocalZoneType;
  /** Whether a document asks for it, not the configuration. */
  readonly isBuiltIn: boolean;
  readonly nxdomain: LocalAnswer;
  readonly nodata: LocalAnswer;
  readonly refused: LocalAnswer;
  readonly silent: LocalAnswer;
  readonly #owners = new Map<DomainName, Map<number, RRset>>();
  /** Owners and the names between them and the apex (empty non-terminals, RFC 8020 §2). */
  readonly #existing = new Set<DomainName>();

  constructor(source: LocalZoneSource) {
    this.name = source.name;
    this.type = source.type;
    this.isBuiltIn = source.document !== undefined;
    for (const rrset of groupRecords(source.records)) this.#add(rrset);
    const soa = negativeSoa(this.#owners.get(source.name)?.get(Type.SOA));
    const because = [{ code: codeOf(source), text: reasonOf(source) }];
    this.nxdomain = this.#found({ kind: 'nxdomain', soa, proof: [] }, because);
    this.nodata = this.#found({ kind: 'nodata', soa, proof: [] }, because);
    this.refused = { kind: 'refused', zone: this.name, because };
    this.silent = { kind: 'silent', zone: this.name };
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

  #add(rrset: RRset): void {
    const rrsets = this.#owners.get(rrset.name) ?? new Map<number, RRset>();
    this.#owners.set(rrset.name, rrsets.set(rrset.type, rrset));
    for (const name of selfAndAncestors(rrset.name)) {
      if (!isAtOrBelow(name, this.name)) break;
      this.#existing.add(name);
    }
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
