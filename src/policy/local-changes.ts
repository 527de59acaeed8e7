/**
 * What was changed of the local zones at run time, and how does it stand against a configuration that is read again?
 *
 * An RRset that was set takes the place of the one the configuration has for that name and type; one that was removed
 * stays away. Both outlive a reload: the changes are laid over whatever the new configuration says, until they are taken
 * back or the configuration says the same. Only differences are kept, so that setting what the configuration has takes a
 * change back, and the removal of what it has no more is forgotten. A change that no longer fits (its zone came to
 * answer without looking at records, a CNAME came to its name) is kept aside, unused, until it fits again.
 */
import type { DomainName } from '../dns/name.js';
import { type RRset, rrsetKey } from '../dns/rrset.js';
import type { LocalZones } from './local-zones.js';

export interface LocalChange {
  readonly name: DomainName;
  readonly type: number;
  /** Undefined: removed. */
  readonly rrset: RRset | undefined;
  /** What the configuration, or a built-in zone, has there. */
  readonly base: RRset | undefined;
  /** Why it has no effect; undefined: it has. */
  readonly unused: string | undefined;
}

export type ChangeOutcome =
  /** `suffix`: at and below it answers may differ from those before. */
  | { readonly kind: 'done'; readonly suffix: DomainName }
  | { readonly kind: 'refused'; readonly because: string }
  /** Nothing is there to be removed. */
  | { readonly kind: 'absent' };

export class LocalChanges {
  readonly #changes = new Map<string, LocalChange>();
  /** Records set, a removal counted as one. */
  #size = 0;

  /**
   * @param zones what is changed; without the changes so far
   * @param maxRecords kept here together; a removal counts as one
   */
  constructor(
    private zones: LocalZones,
    readonly maxRecords: () => number,
  ) {}

  all(): IterableIterator<LocalChange> {
    return this.#changes.values();
  }

  at(name: DomainName, type: number): LocalChange | undefined {
    return this.#changes.get(rrsetKey(name, type));
  }

  /** Takes the place of what is there, from the next question on. */
  set(rrset: RRset): ChangeOutcome {
    const { name, type } = rrset;
    const held = this.at(name, type);
    const because = this.zones.problemWith(rrset) ?? this.#crowding(rrset.rdatas.length - weightOf(held));
    if (because !== undefined) return { kind: 'refused', because };
    const base = baseOf(held, this.zones.rrsetAt(name, type));
    this.#forget(name, type);
    if (base === undefined || !sameRecords(base, rrset)) this.#keep({ name, type, rrset, base, unused: undefined });
    return { kind: 'done', suffix: this.zones.put(rrset) };
  }

  /** Takes away what is there, from the next question on. */
  remove(name: DomainName, type: number): ChangeOutcome {
    const held = this.at(name, type);
    const there = this.zones.rrsetAt(name, type);
    const base = baseOf(held, there);
    if (there === undefined && held?.unused === undefined) return { kind: 'absent' };
    const because = base === undefined ? undefined : this.#crowding(1 - weightOf(held));
    if (because !== undefined) return { kind: 'refused', because };
    this.#forget(name, type);
    if (held?.unused !== undefined) return { kind: 'done', suffix: name };
    if (base !== undefined) this.#keep({ name, type, rrset: undefined, base, unused: undefined });
    return { kind: 'done', suffix: this.zones.remove(name, type) ?? name };
  }

  /** Lays the changes over zones made from another configuration. Those that have no effect there, with the reason. */
  layOver(zones: LocalZones): LocalChange[] {
    this.zones = zones;
    const changes = [...this.#changes.values()];
    // What goes makes room: an A that was removed for the CNAME that was set.
    for (const { name, type, rrset } of changes) if (rrset === undefined) this.#layRemoval(name, type);
    for (const { rrset } of changes) if (rrset !== undefined) this.#layRecords(rrset);
    return [...this.#changes.values()].filter(({ unused }) => unused !== undefined);
  }

  /** As it was kept elsewhere; nothing is checked but what layOver looks at, which must follow. */
  restore(name: DomainName, type: number, rrset: RRset | undefined): void {
    this.#forget(name, type);
    this.#keep({ name, type, rrset, base: undefined, unused: undefined });
  }

  get size(): number {
    return this.#size;
  }

  #layRemoval(name: DomainName, type: number): void {
    const base = this.zones.rrsetAt(name, type);
    this.#forget(name, type);
    if (base === undefined) return;
    this.zones.remove(name, type);
    this.#keep({ name, type, rrset: undefined, base, unused: undefined });
  }

  #layRecords(rrset: RRset): void {
    const { name, type } = rrset;
    const unused = this.zones.problemWith(rrset);
    const base = this.zones.rrsetAt(name, type);
    this.#forget(name, type);
    if (unused === undefined && base !== undefined && sameRecords(base, rrset)) return;
    this.#keep({ name, type, rrset, base, unused });
    if (unused === undefined) this.zones.put(rrset);
  }

  #crowding(more: number): string | undefined {
    const max = this.maxRecords();
    if (more <= 0 || this.#size + more <= max) return undefined;
    return `${this.#size} records are changed already and ${max} may be (limits.localRecords)`;
  }

  #keep(change: LocalChange): void {
    this.#changes.set(rrsetKey(change.name, change.type), change);
    this.#size += weightOf(change);
  }

  #forget(name: DomainName, type: number): void {
    const key = rrsetKey(name, type);
    this.#size -= weightOf(this.#changes.get(key));
    this.#changes.delete(key);
  }
}

/** What the configuration has: an unused change hides nothing. */
function baseOf(held: LocalChange | undefined, there: RRset | undefined): RRset | undefined {
  return held === undefined || held.unused !== undefined ? there : held.base;
}

function weightOf(change: LocalChange | undefined): number {
  return change === undefined ? 0 : (change.rrset?.rdatas.length ?? 1);
}

/** The order of records says nothing (RFC 2181 §5). */
function sameRecords(a: RRset, b: RRset): boolean {
  return a.ttl === b.ttl && a.rdatas.length === b.rdatas.length && a.rdatas.every((rdata) => b.rdatas.includes(rdata));
}
