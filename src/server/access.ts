/** Who may ask? By address: those answered at all, those who may look into the cache without recursion, who may notify. */
import { PrefixSet } from '../dns/address.js';
import type { ServerSettings } from './settings.js';

/** Addresses whose verdict is remembered: reading one from text costs 1 us, and a few clients ask most questions. */
const REMEMBERED = 4096;

interface Verdict {
  readonly ask: boolean;
  readonly snoop: boolean;
}

/** IPv4-mapped IPv6 addresses, which dual-stack sockets show, are judged as IPv4. */
export class AccessList {
  readonly #allow: PrefixSet;
  readonly #snoop: PrefixSet;
  readonly #notify: PrefixSet;
  readonly #verdicts = new Map<string, Verdict>();

  /** Throws RangeError naming the first text that is no prefix or address. */
  constructor({ allow, snoop, notify }: Pick<ServerSettings, 'allow' | 'snoop' | 'notify'>) {
    this.#allow = new PrefixSet(allow);
    this.#snoop = new PrefixSet(snoop);
    this.#notify = new PrefixSet(notify);
  }

  /** Whether anybody may notify at all. */
  get takesNotify(): boolean {
    return !this.#notify.isEmpty;
  }

  /** Whether a NOTIFY from there counts; a server that sends one need not be a client that may ask. */
  mayNotify(address: string): boolean {
    return this.#notify.has(address);
  }

  mayAsk(address: string): boolean {
    return this.#judge(address).ask;
  }

  /** Whether RD=0 is answered from the cache: it shows what others asked. */
  maySnoop(address: string): boolean {
    return this.#judge(address).snoop;
  }

  #judge(address: string): Verdict {
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    const ask = this.#allow.has(address);
    const verdict = { ask, snoop: ask && this.#snoop.has(address) };
    // Emptied at once when full: forged addresses then cost no more than the look at the prefixes.
    if (this.#verdicts.size >= REMEMBERED) this.#verdicts.clear();
    this.#verdicts.set(address, verdict);
    return verdict;
  }
}
