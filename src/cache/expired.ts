/**
 * What was known of a name and is past its TTL: given out only while nothing newer can be had (RFC 8767).
 *
 * Of several things once known of a name and type the one learnt last counts, as with a zone that changed while its
 * entries lay here: an NXDOMAIN that came after an address is the later word (RFC 8767 §4). Only data and denials are
 * kept past their time, never a delegation: what a parent has taken back stays taken back (ghost domains).
 */
import { aliasFromDname } from '../dns/alias.js';
import type { Finding } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, parentOf } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import { rrsetKey, targetOf } from '../dns/rrset.js';
import type { EntryKind } from '../ports/inspection.js';
import { unpackNegative, unpackPositive, unpackRrset } from './bodies.js';
import { CachedFound } from './cached-found.js';
import { type Entry, storeKey, TICKS } from './entry.js';
import { credibilityOf, securityKindOf, storedAtOf, ttlOriginalOf } from './pack.js';
import type { Store } from './store.js';

interface Candidate {
  readonly kind: EntryKind;
  /** 0 of a name error. */
  readonly type: number;
  readonly entry: Entry;
  readonly owner: DomainName;
}

export class ExpiredData {
  /** @param now ticks of the monotonic clock @param hasDnames whether one was ever stored */
  constructor(
    readonly store: Store,
    readonly now: () => number,
    readonly hasDnames: () => boolean,
  ) {}

  /**
   * What was learnt last of a name and type, with TTL `answerTtl` in seconds, or its original one where that is less:
   * stale data must not be kept longer by others than the zone wanted. Not counted, see countUse. A DNAME may stand at
   * or below `floor` only. Bogus data is never stale data.
   */
  find(name: DomainName, type: number, floor: DomainName, answerTtl: number): CachedFound | undefined {
    const latest = this.#latest(name, type, floor);
    if (latest === undefined || securityKindOf(latest.entry.packed) === 'bogus') return undefined;
    const { entry, owner } = latest;
    const finding = findingOf(latest, name, Math.min(answerTtl, ttlOriginalOf(entry.packed)));
    return finding && new CachedFound(finding, entry, owner);
  }

  /** A client was answered from it: counted, and worth keeping. */
  countUse({ finding: { kind }, entry }: CachedFound): void {
    this.store.countStale(kind === 'nodata' || kind === 'nxdomain' ? kind : 'rrset', entry);
  }

  /** Seconds since the TTL of what was found was over. */
  overdue({ entry }: CachedFound): number {
    return Math.floor((this.now() - entry.expires) / TICKS);
  }

  /**
   * Forgets what is past its TTL of a name and type: a server has just said otherwise, with TTL 0, so that nothing of it
   * is kept that would be the later word (RFC 8767 §4). `types`: those that are gone.
   */
  forget(name: DomainName, types: readonly number[]): void {
    const now = this.now();
    const keys = types.flatMap((type) => [
      storeKey('rrset', rrsetKey(name, type)),
      storeKey('nodata', rrsetKey(name, type)),
    ]);
    for (const key of [...keys, storeKey('rrset', rrsetKey(name, Type.CNAME)), storeKey('nxdomain', name)]) {
      const expires = this.store.expiresOf(key);
      if (expires !== undefined && expires <= now) this.store.delete(key);
    }
  }

  #latest(name: DomainName, type: number, floor: DomainName): Candidate | undefined {
    let latest: Candidate | undefined;
    const now = this.now();
    const look = (kind: EntryKind, owner: DomainName, of: number): void => {
      const entry = this.store.staleFor(kind, owner, of, now);
      if (entry === undefined || !mayAnswer(kind, entry)) return;
      if (latest !== undefined && storedAtOf(latest.entry.packed) >= storedAtOf(entry.packed)) return;
      latest = { kind, type: of, entry, owner };
    };
    look('rrset', name, type);
    if (type !== Type.CNAME) look('rrset', name, Type.CNAME);
    look('nodata', name, type);
    look('nxdomain', name, 0);
    if (!this.hasDnames()) return latest;
    for (let owner = parentOf(name); owner !== undefined && isAtOrBelow(owner, floor); owner = parentOf(owner)) {
      look('rrset', owner, Type.DNAME);
    }
    return latest;
  }
}

/** Glue and additional data answer nobody, and a referral's word that there is no DS lacks what a client needs. */
function mayAnswer(kind: EntryKind, { packed }: Entry): boolean {
  const credibility = credibilityOf(packed);
  return kind === 'rrset'
    ? credibility >= Credibility.answerNonAuthoritative
    : credibility > Credibility.authorityReferral;
}

function findingOf({ kind, type, entry, owner }: Candidate, name: DomainName, ttl: number): Finding | undefined {
  // The moment at which so much of its TTL was left.
  const then = entry.expires - ttl * TICKS;
  switch (kind) {
    case 'nodata':
      return { kind: 'nodata', ...unpackNegative(entry, then) };
    case 'nxdomain':
      return { kind: 'nxdomain', ...unpackNegative(entry, then) };
    default:
      return positiveOf(type, entry, owner, name, then);
  }
}

function positiveOf(
  type: number,
  entry: Entry,
  owner: DomainName,
  name: DomainName,
  then: number,
): Finding | undefined {
  if (owner !== name) return aliasFromDname(name, unpackRrset(entry, owner, type, then));
  const { rrset, proof } = unpackPositive(entry, name, type, then);
  const beside = proof === undefined ? {} : { proof };
  const target = type === Type.CNAME ? targetOf(rrset.rdatas[0]!) : undefined;
  return target === undefined ? { kind: 'answer', rrset, ...beside } : { kind: 'alias', rrset, target, ...beside };
}
