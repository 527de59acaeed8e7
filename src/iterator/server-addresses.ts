/**
 * Where the servers of a zone cut can be reached: glue first, then addresses known from the cache, then lookups of
 * name-server names, one at a time and charged to the question's budget (NXNSAttack, CacheFlush).
 */
import { addressFromRdata, type ServerAddress, serverAddress } from '../dns/address.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameToText } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { LookupContext } from '../ports/lookup.js';
import type { IteratorEnvironment } from './environment.js';
import type { ZoneCut } from './zone-cut.js';

/** Aliases followed from a name server's name. RFC 2181 §10.3 forbids any; zones in the field have some. */
export const MAX_NS_ALIASES = 3;

/** The addresses of one cut as they become known while it is asked. */
export class ServerAddresses {
  readonly #byKey = new Map<string, ServerAddress>();
  /** Names not looked up yet. */
  readonly #unresolved: DomainName[] = [];
  readonly problems: ExtendedError[] = [];

  constructor(
    readonly env: IteratorEnvironment,
    readonly cut: ZoneCut,
  ) {
    for (const address of cut.fixed) this.#add(address);
    for (const server of cut.servers) this.#addServer(server.name, server.addresses);
  }

  get known(): readonly ServerAddress[] {
    return [...this.#byKey.values()];
  }

  /** Whether looking up a further name might bring an address. */
  get hasUnresolved(): boolean {
    return this.#unresolved.length > 0;
  }

  /** Looks up the next name without addresses. False when the budget forbids it. */
  async resolveNext(context: LookupContext): Promise<boolean> {
    const at = this.env.random.below(this.#unresolved.length);
    const name = this.#unresolved.splice(at, 1)[0]!;
    if (context.depth >= this.env.settings.maxDepth) {
      this.problems.push(problem(name, `not looked up: ${context.depth} lookups deep already`));
      return true;
    }
    if (!context.budget.charge('nsLookups')) return false;
    context.trace?.({ kind: 'lookup', name: nameToText(name), type: 'A/AAAA', because: 'address of a name server' });
    for (const type of this.#wantedTypes()) {
      const before = this.#byKey.size;
      await this.#lookup(name, type, context);
      if (this.#byKey.size > before) return true;
    }
    return true;
  }

  /** IPv4 first: where both work it is the one that is never worse; a broken family is not looked up at all. */
  #wantedTypes(): number[] {
    const { settings, book } = this.env;
    const types: number[] = [];
    if (settings.ipv4 && !book.familyDown(4)) types.push(Type.A);
    if (settings.ipv6 && !book.familyDown(6)) types.push(Type.AAAA);
    return types;
  }

  async #lookup(name: DomainName, type: number, context: LookupContext): Promise<void> {
    // Where a server is need not be proved: what it says will be. And proofs that need servers that need proofs end nowhere.
    const nested = { ...context, depth: context.depth + 1, validate: false };
    let at = name;
    for (let hops = 0; hops <= MAX_NS_ALIASES; hops++) {
      const outcome = await this.env.lookup.find(at, type, nested);
      if (outcome.kind === 'failure') {
        this.problems.push(problem(name, outcome.because[0]?.text ?? 'failed'));
        return;
      }
      const { finding } = outcome;
      if (finding.kind === 'answer') return this.#addFound(outcome);
      if (finding.kind !== 'alias') {
        this.problems.push(problem(name, finding.kind === 'nxdomain' ? 'does not exist' : 'has no address'));
        return;
      }
      at = finding.target;
    }
  }

  #addServer(name: DomainName, glue: readonly string[]): void {
    const before = this.#byKey.size;
    for (const address of glue.slice(0, this.env.settings.maxAddresses)) this.#addText(address);
    if (this.#byKey.size > before) return;
    for (const type of this.#wantedTypes()) {
      const known = this.env.lookup.known(name, type);
      if (known?.kind === 'found') this.#addFound(known);
    }
    // A server inside the zone it serves cannot be found by asking that zone (self-pointed glue).
    if (this.#byKey.size === before && !isAtOrBelow(name, this.cut.zone)) this.#unresolved.push(name);
    else if (this.#byKey.size === before) this.problems.push(problem(name, 'has no usable address'));
  }

  #addFound(found: Found): void {
    if (found.finding.kind !== 'answer') return;
    for (const rdata of found.finding.rrset.rdatas.slice(0, this.env.settings.maxAddresses)) {
      const address = addressFromRdata(rdata);
      if (address !== undefined) this.#addText(address);
    }
  }

  #addText(address: string): void {
    if (this.env.settings.doNotQuery.has(address)) {
      this.problems.push({ code: ExtendedErrorCode.NO_REACHABLE_AUTHORITY, text: `${address} is never asked` });
      return;
    }
    this.#add(serverAddress(address, this.env.settings.port));
  }

  #add(server: ServerAddress): void {
    if (server.family === 4 ? !this.env.settings.ipv4 : !this.env.settings.ipv6) return;
    this.#byKey.set(server.key, server);
  }
}

function problem(name: DomainName, text: string): ExtendedError {
  return { code: ExtendedErrorCode.NO_REACHABLE_AUTHORITY, text: `name server ${nameToText(name)}: ${text}` };
}
