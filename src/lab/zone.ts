/**
 * What does this zone hold at a name? (RFC 1034 §4.2, RFC 4592 §2)
 *
 * A name exists when it owns records or when a name below it does: the latter is an empty non-terminal, held here as
 * a node without RRsets. The hashed owner names of NSEC3 records do not count as names (RFC 5155 §7.2.8).
 */
import { type DomainName, isAtOrBelow, nameToText, parentOf, prepend, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { groupRecords, type ResourceRecord, type RRset } from '../dns/rrset.js';
import { parseMasterFile } from '../presentation/master-file.js';

/** The RRsets of one name by type; empty at an empty non-terminal. */
export type ZoneNode = ReadonlyMap<number, RRset>;

/** Where the walk from the apex down to a name ends. */
type Location =
  /** At or below a zone cut: `ns` is the delegation. */
  | { readonly kind: 'cut'; readonly ns: RRset }
  /** Below a DNAME (RFC 6672 §2.3: nothing is looked up there). */
  | { readonly kind: 'dname'; readonly dname: RRset }
  | { readonly kind: 'node'; readonly node: ZoneNode }
  /** The name does not exist, but the source of synthesis at its closest encloser does (RFC 4592 §3.3.1). */
  | { readonly kind: 'wildcard'; readonly node: ZoneNode; readonly encloser: DomainName }
  | { readonly kind: 'absent'; readonly encloser: DomainName };

const NO_RRSETS: ZoneNode = new Map();

export class Zone {
  readonly apex: DomainName;
  /** NSEC and NSEC3 RRsets, in no order: what denial.ts makes its proofs of. */
  readonly denials: readonly RRset[];
  readonly #nodes = new Map<DomainName, Map<number, RRset>>();

  /** Use zoneFrom or loadZone: they check that everything is inside the zone. */
  constructor(apex: DomainName, rrsets: readonly RRset[]) {
    this.apex = apex;
    this.denials = rrsets.filter((rrset) => rrset.type === Type.NSEC || rrset.type === Type.NSEC3);
    this.#nodes.set(apex, new Map());
    for (const rrset of rrsets) if (rrset.type !== Type.NSEC3) this.#nodeAt(rrset.name).set(rrset.type, rrset);
  }

  /** Undefined only in the fragments that tests make: negative answers then carry none. */
  get soa(): RRset | undefined {
    return this.rrset(this.apex, Type.SOA);
  }

  /** The RRset as the file has it, be it glue or below a zone cut. */
  rrset(name: DomainName, type: number): RRset | undefined {
    return this.#nodes.get(name)?.get(type);
  }

  /** All RRsets, those of NSEC3 too. */
  *rrsets(): Generator<RRset> {
    for (const node of this.#nodes.values()) yield* node.values();
    for (const rrset of this.denials) if (rrset.type === Type.NSEC3) yield rrset;
  }

  /** Every name that owns records, with empty non-terminals, in no order. */
  names(): Iterable<DomainName> {
    return this.#nodes.keys();
  }

  /** The NS RRsets of all zone cuts, those hidden by another cut above them too. */
  *delegations(): Generator<RRset> {
    for (const [name, node] of this.#nodes) {
      const ns = name === this.apex ? undefined : node.get(Type.NS);
      if (ns !== undefined) yield ns;
    }
  }

  /** RFC 1034 §4.3.2 step 3: matching down, label by label. `name` must be at or below the apex. */
  locate(name: DomainName): Location {
    let encloser = this.apex;
    for (const at of this.#pathTo(name)) {
      const node = this.#nodes.get(at);
      if (node === undefined) return this.#synthesis(encloser);
      const ns = at === this.apex ? undefined : node.get(Type.NS);
      if (ns !== undefined) return { kind: 'cut', ns };
      const dname = at === name ? undefined : node.get(Type.DNAME);
      if (dname !== undefined) return { kind: 'dname', dname };
      encloser = at;
    }
    return { kind: 'node', node: this.#nodes.get(name) ?? NO_RRSETS };
  }

  #synthesis(encloser: DomainName): Location {
    const source = prepend('*', encloser);
    const node = source === undefined ? undefined : this.#nodes.get(source);
    return node === undefined ? { kind: 'absent', encloser } : { kind: 'wildcard', node, encloser };
  }

  /** The apex, then each name on the way down to `name`. */
  #pathTo(name: DomainName): DomainName[] {
    const path: DomainName[] = [];
    for (const at of selfAndAncestors(name)) {
      path.push(at);
      if (at === this.apex) break;
    }
    return path.reverse();
  }

  #nodeAt(name: DomainName): Map<number, RRset> {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node = new Map<number, RRset>();
    this.#nodes.set(name, node);
    for (let up = parentOf(name); up !== undefined && !this.#nodes.has(up); up = parentOf(up)) {
      this.#nodes.set(up, new Map());
    }
    return node;
  }
}

/** A zone of these records of class IN. Throws RangeError for a record whose owner is not at or below the apex. */
export function zoneFrom(records: readonly ResourceRecord[], apex: DomainName): Zone {
  for (const record of records) {
    if (isAtOrBelow(record.name, apex)) continue;
    throw new RangeError(`${nameToText(record.name)} is outside the zone ${nameToText(apex)}`);
  }
  return new Zone(apex, groupRecords(records));
}

/** A zone file that cannot be served: every complaint names file and line. */
export class ZoneFileError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ZoneFileError';
  }
}

/**
 * A zone from master-file text (RFC 1035 §5). The apex is `origin`, or else the owner of the SOA record. `file` is
 * for the messages. Throws ZoneFileError.
 */
export function loadZone(text: string, options: { readonly origin?: DomainName; readonly file?: string } = {}): Zone {
  const file = options.file ?? 'zone';
  const { records, problems } = parseMasterFile(text, { ...options, file });
  if (problems.length > 0) throw new ZoneFileError(problems.map(({ message }) => message));
  const apex = options.origin ?? records.find((record) => record.type === Type.SOA)?.name;
  if (apex === undefined) {
    throw new ZoneFileError([`${file}: no SOA record: it names the apex of the zone (RFC 1035 §5.2)`]);
  }
  try {
    return zoneFrom(records, apex);
  } catch (error) {
    if (error instanceof RangeError) throw new ZoneFileError([`${file}: ${error.message}`]);
    throw error;
  }
}
