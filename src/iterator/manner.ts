/**
 * In which way is a server asked, and in which next, given what it did? Over UDP with EDNS and mixed case at first; TCP
 * after truncation or doubt; plain DNS for servers that dislike EDNS (RFC 6891 §7); one spelling for those that fold case.
 */
import type { ServerState } from '../cache/server-book.js';
import type { Message } from '../dns/message.js';
import { Rcode } from '../dns/numbers.js';
import type { ExchangeOutcome } from '../ports/exchange.js';

export interface Manner {
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
  /** 0x20, where the settings have it. */
  readonly mixedCase: boolean;
}

/** `missing`: the server had sent cookies before. `wrong`: not the one we sent. */
export type CookieVerdict = 'good' | 'none' | 'missing' | 'wrong';

/** Silences in a row of a server never heard over UDP, after which it is asked over TCP. */
const SILENCES_BEFORE_TCP = 2;

/** Silences in a row of a server that spoke EDNS, after which it is asked without. */
const LOSSES_BEFORE_PLAIN = 4;

/** One question to one server: the manner it has come to, and why. */
export class Talk {
  #manner: Manner;
  readonly #knownEdns: ServerState['edns'];
  #doubt: 'spelling' | 'cookie' | undefined;
  #badCookies = 0;
  /** It refused EDNS in so many words: FORMERR, NOTIMP or BADVERS. */
  dislikedEdns = false;
  /** Its cookies are of no use any more. */
  forgetCookies = false;

  /** @param tries silences to this question before; `now` monotonic ms */
  constructor(state: ServerState, tries: number, now: number) {
    const unheard = tries > 0 && state.srtt === undefined && state.timeoutsInRow >= SILENCES_BEFORE_TCP;
    const transport = unheard || state.tcpUntil > now ? 'tcp' : 'udp';
    // Firewalls drop what they do not know: a server never seen to speak EDNS is asked without after a silence. One that
    // spoke it, after many: the path may have changed.
    const losses = state.edns === 'unknown' ? 0 : LOSSES_BEFORE_PLAIN;
    const plain = state.edns === 'no' || (tries > 0 && transport === 'udp' && state.timeoutsInRow >= losses);
    this.#manner = { transport, edns: !plain, mixedCase: true };
    this.#knownEdns = state.edns;
  }

  get manner(): Manner {
    return this.#manner;
  }

  /** Whether UDP replies were such that TCP is better for a while. */
  get distrustsUdp(): boolean {
    return this.#doubt === 'spelling';
  }

  /** Whether the server is to be asked once more, then in the manner `manner` has now. */
  goesOn(outcome: ExchangeOutcome, cookie: CookieVerdict): boolean {
    switch (outcome.kind) {
      case 'reply':
        return this.#afterReply(outcome.message, cookie);
      case 'suspicious':
        this.#doubt = 'spelling';
        return this.#overTcp();
      case 'malformed':
        return this.#overTcp();
      case 'timeout':
      case 'unreachable':
        return this.#manner.transport === 'tcp' && this.#backToUdp();
      default:
        return outcome satisfies never;
    }
  }

  #afterReply(message: Message, cookie: CookieVerdict): boolean {
    if (this.#manner.edns && message.edns === undefined && this.#mayGoPlain(message.rcode)) return this.#plain();
    if (this.#manner.edns && message.rcode === Rcode.BADVERS && this.#knownEdns !== 'yes') return this.#plain();
    if (this.#manner.transport === 'tcp') {
      // RFC 7873 §5.3: over TCP the reply is the server's; one that has given up cookies is asked without its old one.
      this.forgetCookies = cookie === 'missing';
      return this.forgetCookies
        ? false
        : message.rcode === Rcode.BADCOOKIE && cookie === 'good' && ++this.#badCookies < 2;
    }
    if (message.tc) return this.#overTcp();
    if (cookie === 'missing' || cookie === 'wrong') {
      this.#doubt = 'cookie';
      return this.#overTcp();
    }
    if (message.rcode !== Rcode.BADCOOKIE || cookie !== 'good') return false;
    return ++this.#badCookies < 2 || this.#overTcp();
  }

  /** A server known to speak EDNS does not unlearn it by one packet (CVE-2026-52690). */
  #mayGoPlain(rcode: number): boolean {
    if (this.#knownEdns === 'yes') return false;
    const refused = rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP;
    this.dislikedEdns ||= refused;
    return refused || (rcode === Rcode.SERVFAIL && this.#knownEdns === 'unknown');
  }

  #plain(): boolean {
    this.#manner = { ...this.#manner, edns: false };
    return true;
  }

  #overTcp(): boolean {
    if (this.#manner.transport === 'tcp') return false;
    this.#manner = { ...this.#manner, transport: 'tcp' };
    return true;
  }

  /** TCP does not work there: what sent us to it must be settled over UDP. */
  #backToUdp(): boolean {
    if (this.#doubt === 'cookie') {
      this.forgetCookies = true;
      this.#doubt = undefined;
      this.#manner = { ...this.#manner, transport: 'udp' };
      return true;
    }
    if (this.#doubt !== 'spelling' || !this.#manner.mixedCase) return false;
    this.#manner = { ...this.#manner, transport: 'udp', mixedCase: false };
    return true;
  }
}
