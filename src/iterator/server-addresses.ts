/**
 * Where the servers of a zone cut can be reached: glue first, then addresses known from the cache, then lookups of
 * name-server names, one at a time and charged to the question's budget (NXNSAttack, CacheFlush).
 */
import { addressFromRdata, type Family, type ServerAddress } from '../dns/address.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameToText } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { LookupContext } from '../ports/lookup.js';
import type { IteratorEnvironment } from './environment.js';
import { TimeSlice } from './side-budgets.js';
import type { ZoneCut } from './zone-cut.js';

/** Aliases followed from a name server's name. RFC 2181 §10.3 forbids any; zones in the field have some. */
export const MAX_NS_ALIASES = 3;

/** Names looked up at once, and the least time each gets, ms. */
const AT_A_TIME = 2;
const LEAST_SHARE_MS = 1000;

interface Wanted {
  readonly name: DomainName;
  readonly types: readonly number[];
}

const BOTH: readonly number[] = [Type.A, Type.AAAA];
const BOTH_IPV6_FIRST: readonly number[] = [Type.AAAA, Type.A];
const IPV4: readonly number[] = [Type.A];
const IPV6: readonly number[] = [Type.AAAA];

/** The addresses of one cut as they become known while it is asked. */
export class ServerAddresses {
  /** No two alike; a zone has a few, which are gone through faster than a Map is made. */
  readonly known: ServerAddress[] = [];
  /** Names with no address yet. HOT: most zones have none, nor problems. */
  #unresolved: Wanted[] | undefined;
  /** Names with addresses of one family only: the other may work where this one does not. */
  #halfKnown: Wanted[] | undefined;
  #problems: ExtendedError[] | undefined;
  /** A lookup failed for reasons of this question alone (its budget, its depth): the failure is nobody else's. */
  inconclusive = false;

  constructor(
    readonly env: IteratorEnvironment,
    readonly cut: ZoneCut,
  ) {
    for (const address of cut.fixed) this.#add(address);
    for (const server of cut.servers) this.#addServer(server.name, server.addresses);
  }

  /** Whether looking up a further name might bring an address; `silent`: nobody asked so far said anything. */
  hasUnresolved(silent: boolean): boolean {
    return isFilled(this.#unresolved) || (silent && isFilled(this.#halfKnown));
  }

  /**
   * Looks up the next names without addresses, two at a time, each within a share of the time: one whose servers are
   * dead must not take it all. False when the budget forbids it.
   */
  async resolveNext(context: LookupContext): Promise<boolean> {
    const source = (isFilled(this.#unresolved) ? this.#unresolved : this.#halfKnown) ?? [];
    const next: Wanted[] = [];
    while (next.length < AT_A_TIME && source.length > 0) {
      next.push(source.splice(this.env.random.below(source.length), 1)[0]!);
    }
    if (context.depth >= this.env.settings.maxDepth) {
      this.inconclusive = true;
      for (const { name } of next) this.#note(problem(name, `not looked up: ${context.depth} lookups deep already`));
      return true;
    }
    for (const { name } of next) {
      if (!context.budget.charge('nsLookups')) return false;
      context.trace?.({ kind: 'lookup', name: nameToText(name), type: 'A/AAAA', because: 'address of a name server' });
    }
    const share = Math.max(LEAST_SHARE_MS, context.budget.timeLeft() / 3);
    await Promise.all(next.map((wanted) => this.#resolve(wanted, share, context)));
    return true;
  }

  async #resolve({ name, types }: Wanted, share: number, context: LookupContext): Promise<void> {
    const budget = new TimeSlice(context.budget, this.env.clock, share);
    for (const [index, type] of types.entries()) {
      const before = this.known.length;
      const failed = await this.#lookup(name, type, { ...context, budget });
      const rest = types.slice(index + 1);
      if (this.known.length > before && rest.length > 0) this.#noteHalfKnown({ name, types: rest });
      // The servers that did not answer for one type will not for the other.
      if (this.known.length > before || failed) return;
    }
  }

  /** IPv4 first: where both work it is the one that is never worse. A broken family comes last, but it comes. */
  #wantedTypes(): readonly number[] {
    const { settings, book } = this.env;
    if (!settings.ipv4) return settings.ipv6 ? IPV6 : [];
    if (!settings.ipv6) return IPV4;
    return book.familyDown(4) ? BOTH_IPV6_FIRST : BOTH;
  }

  /** Whether the lookup failed, rather than found or found out that there is nothing. */
  async #lookup(name: DomainName, type: number, context: LookupContext): Promise<boolean> {
    // Where a server is need not be proved: what it says will be. And proofs that need servers that need proofs end nowhere.
    const nested = { ...context, depth: context.depth + 1, validate: false };
    let at = name;
    for (let hops = 0; hops <= MAX_NS_ALIASES; hops++) {
      const outcome = await this.env.lookup.find(at, type, nested);
      if (outcome.kind === 'failure') {
        this.#note(problem(name, outcome.because[0]?.text ?? 'failed'));
        this.inconclusive ||= !outcome.cacheable;
        return true;
      }
      const { finding } = outcome;
      if (finding.kind === 'answer') this.#addFound(outcome);
      else if (finding.kind !== 'alias') {
        this.#note(problem(name, finding.kind === 'nxdomain' ? 'does not exist' : 'has no address'));
      }
      if (finding.kind !== 'alias') return false;
      at = finding.target;
    }
    return false;
  }

  #addServer(name: DomainName, glue: readonly string[]): void {
    let missing: number[] | undefined;
    const before = this.known.length;
    const { maxAddresses } = this.env.settings;
    for (let i = 0; i < glue.length && i < maxAddresses; i++) this.#addText(glue[i]!);
    const hasGlue = this.known.length > before;
    for (const type of this.#wantedTypes()) {
      const family = type === Type.A ? 4 : 6;
      if (hasFamily(glue, family)) continue;
      const known = hasGlue ? undefined : this.env.lookup.known(name, type);
      if (known?.kind === 'found' && known.finding.kind === 'answer') this.#addFound(known);
      else if (known?.kind !== 'found') {
        if (!hasGlue) this.#addGlueElsewhere(name, family);
        if (missing === undefined) missing = [type];
        else missing.push(type);
      }
    }
    if (missing === undefined) return;
    // A server inside the zone it serves cannot be found by asking that zone (self-pointed glue).
    if (isAtOrBelow(name, this.cut.zone)) {
      if (this.known.length === before) this.#note(problem(name, 'has no usable address'));
    } else if (this.known.length > before) this.#noteHalfKnown({ name, types: missing });
    else if (this.#unresolved === undefined) this.#unresolved = [{ name, types: missing }];
    else this.#unresolved.push({ name, types: missing });
  }

  /**
   * What the parent of the zone the server's name is in said of it (sibling glue): asking for its address would begin at
   * that address. It is looked up all the same when there is silence.
   */
  #addGlueElsewhere(name: DomainName, family: Family): void {
    if (isAtOrBelow(name, this.cut.zone)) return;
    const glue = glueOf(this.env, name).slice(0, this.env.settings.maxAddresses);
    for (const address of glue) if (familyOf(address) === family) this.#addText(address);
  }

  #addFound(found: Found): void {
    if (found.finding.kind !== 'answer') return;
    for (const rdata of found.finding.rrset.rdatas.slice(0, this.env.settings.maxAddresses)) {
      const address = addressFromRdata(rdata);
      if (address !== undefined) this.#addText(address);
    }
  }

  /** Why addresses could not be had, in order. */
  get problems(): readonly ExtendedError[] {
    return this.#problems ?? [];
  }

  #note(trouble: ExtendedError): void {
    if (this.#problems === undefined) this.#problems = [trouble];
    else this.#problems.push(trouble);
  }

  #noteHalfKnown(wanted: Wanted): void {
    if (this.#halfKnown === undefined) this.#halfKnown = [wanted];
    else this.#halfKnown.push(wanted);
  }

  #addText(address: string): void {
    const server = this.env.askable.at(address);
    if (server !== undefined) this.#add(server);
    else this.#note({ code: ExtendedErrorCode.NO_REACHABLE_AUTHORITY, text: `${address} is never asked` });
  }

  #add(server: ServerAddress): void {
    if (server.family === 4 ? !this.env.settings.ipv4 : !this.env.settings.ipv6) return;
    for (const known of this.known) if (known.key === server.key) return;
    this.known.push(server);
  }
}

function isFilled(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

/** Of an address in text form. */
function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

function hasFamily(addresses: readonly string[], family: Family): boolean {
  for (const address of addresses) if (familyOf(address) === family) return true;
  return false;
}

/** The addresses that the delegation of the zone a server's name is in has for it. */
export function glueOf(env: IteratorEnvironment, name: DomainName): readonly string[] {
  return env.cache.closestDelegation(name)?.servers.find((server) => server.name === name)?.addresses ?? [];
}

function problem(name: DomainName, text: string): ExtendedError {
  return { code: ExtendedErrorCode.NO_REACHABLE_AUTHORITY, text: `name server ${nameToText(name)}: ${text}` };
}
