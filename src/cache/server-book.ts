/**
 * What experience says of each authoritative server: round trips (RFC 6298 estimators), losses, EDNS and TCP
 * behaviour, lameness per zone, cookies; and of each address family whether it works at all.
 *
 * A server is never written off for long: after losses it rests for a while that is capped at `serverRest`, then it is
 * due for a probe beside the others; and when nobody else is left it is asked even while resting.
 */
import { LRUCache } from 'lru-cache';
import type { Family, ServerAddress } from '../dns/address.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { NO_OCTETS, type Octets } from '../dns/octets.js';
import type { Clock } from '../ports/clock.js';
import type { UpstreamServerView } from '../ports/inspection.js';
import type { Random } from '../ports/random.js';

export interface ServerBookSettings {
  /** Milliseconds: timeout for a server never heard of; bounds of the computed one. */
  readonly firstTimeout: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  /** Milliseconds a silent server rests at the most before it is probed. */
  readonly serverRest: number;
  /** Servers kept: an attacker's thousands push out the least used. */
  readonly serversRemembered: number;
}

/** What is known of one server. Only the book changes it. */
export interface ServerState {
  readonly server: ServerAddress;
  /** Smoothed round trip and variation, ms; undefined while never heard. */
  readonly srtt: number | undefined;
  readonly rttvar: number;
  readonly timeoutsInRow: number;
  /** Monotonic ms until which it rests; 0 when it does not. */
  readonly restUntil: number;
  readonly edns: 'yes' | 'no' | 'unknown';
  /** UDP replies were spelt wrongly while TCP worked: ask over TCP until this monotonic ms. */
  readonly tcpUntil: number;
  /** Our client cookie for it and what it gave us last (RFC 7873). */
  readonly clientCookie: Octets | undefined;
  readonly serverCookie: Octets | undefined;
  readonly exchanges: number;
  readonly timeouts: number;
  /** Zones it said it does not serve, with the monotonic ms until which that holds. */
  readonly lame: ReadonlyMap<DomainName, number> | undefined;
}

type Mutable = { -readonly [K in keyof ServerState]: ServerState[K] } & {
  ednsUntil: number;
  ednsLosses: number;
  lame: Map<DomainName, number> | undefined;
};

/** Whether a silent server is left alone at `now` (Clock.now()). */
export function isResting({ restUntil }: ServerState, now: number): boolean {
  return restUntil > now;
}

/** Silent before, rest over: due to be asked again beside a server that works. */
export function isDueForProbe({ timeoutsInRow, restUntil }: ServerState, now: number): boolean {
  return timeoutsInRow >= REST_AFTER && restUntil <= now;
}

/** Whether it said lately that it does not serve the zone. */
export function isLame({ lame }: ServerState, zone: DomainName, now: number): boolean {
  const until = lame?.get(zone);
  return until !== undefined && until > now;
}

interface FamilyState {
  failuresInRow: number;
  /** Servers that failed in that row, a few. */
  failed: Set<string>;
  /** Replies over the other family in the meantime. */
  otherReplies: number;
  down: boolean;
  probeAt: number;
}

/** A server is called lame for a zone, or without EDNS, for this long: ms. Unbound and BIND: 10 to 15 minutes. */
const LAME_MS = 600_000;
const NO_EDNS_MS = 600_000;
const TCP_MS = 60_000;
const MAX_LAME_ZONES = 50;
/** The longest wait for one reply, ms: with more, a dead server takes all the time a question has. */
const MAX_LOSS_TIMEOUT_MS = 1600;
/** A parent is asked again about a zone that fails once in so many ms; so many zones are remembered. */
const REASK_MS = 30_000;
const MAX_REASKED = 10_000;
/** Failures in a row, over at least two servers, after which a family is held to be broken. */
const FAMILY_FAILURES = 4;
/** How soon a broken family is probed: ms. */
const FAMILY_PROBE_MS = 30_000;
/** Timeouts in a row from which on a server rests. One or two are ordinary loss. */
const REST_AFTER = 2;
const FIRST_REST_MS = 2_000;

export class ServerBook {
  readonly #servers: LRUCache<string, Mutable>;
  readonly #families: Record<Family, FamilyState> = { 4: freshFamily(), 6: freshFamily() };
  #exchanges = 0;
  #timeouts = 0;
  #unreachable = 0;
  #overTcp = 0;

  #settings: ServerBookSettings;
  /** Zones whose parent was asked anew after all their servers had failed, and until when not again. */
  readonly #reasked = new LRUCache<DomainName, number>({ max: MAX_REASKED });

  constructor(
    settings: ServerBookSettings,
    readonly clock: Clock,
  ) {
    this.#settings = settings;
    this.#servers = new LRUCache({ max: settings.serversRemembered });
  }

  /** Timeouts and rests from now on; the number of servers kept is fixed at start. */
  reconfigure(settings: ServerBookSettings): void {
    this.#settings = settings;
  }

  /** Whether the parent may be asked for its latest word on a zone that fails: once in a while. */
  takeReask(zone: DomainName): boolean {
    const now = this.clock.now();
    if ((this.#reasked.get(zone) ?? 0) > now) return false;
    this.#reasked.set(zone, now + REASK_MS);
    return true;
  }

  /** HOT. What is known of it, which changes as the book learns more; of use within one question. */
  stateOf(server: ServerAddress): ServerState {
    return this.#mutable(server);
  }

  /** Milliseconds to wait for a reply: RFC 6298 §2 with Karn's doubling after losses. */
  timeoutFor(state: ServerState, recursive = false): number {
    const { firstTimeout, minTimeout, maxTimeout } = this.#settings;
    const known = state.srtt === undefined ? firstTimeout : state.srtt + Math.max(4 * state.rttvar, 20);
    // A forwarder's fast answers come from its cache; those that are not in it take their time.
    const base = recursive ? Math.max(known, firstTimeout) : Math.max(known, minTimeout);
    const losses = state.timeoutsInRow;
    // After two losses what was learnt counts no more: the path may have become slower for good.
    const timeout = losses < 2 ? base * 2 ** losses : Math.max(base, firstTimeout) * 2 ** Math.min(losses - 2, 8);
    return Math.min(maxTimeout, Math.max(MAX_LOSS_TIMEOUT_MS, firstTimeout), timeout);
  }

  /** A probe of it is on its way: nobody else need send one until it is answered or lost. */
  beginProbe(server: ServerAddress): void {
    this.#mutable(server).restUntil = this.clock.now() + this.#settings.maxTimeout;
  }

  markLame(server: ServerAddress, zone: DomainName): void {
    const state = this.#mutable(server);
    state.lame ??= new Map();
    if (state.lame.size >= MAX_LAME_ZONES) state.lame.delete(state.lame.keys().next().value!);
    state.lame.set(zone, this.clock.now() + LAME_MS);
  }

  noteReply(server: ServerAddress, rtt: number, overTcp: boolean): void {
    const state = this.#mutable(server);
    this.#exchanges++;
    state.exchanges++;
    state.timeoutsInRow = 0;
    state.restUntil = 0;
    if (overTcp) this.#overTcp++;
    else smooth(state, rtt);
    if (this.#families[server.family].failuresInRow > 0) this.#families[server.family] = freshFamily();
    this.#families[server.family === 4 ? 6 : 4].otherReplies++;
  }

  noteTimeout(server: ServerAddress): void {
    const state = this.#mutable(server);
    this.#exchanges++;
    this.#timeouts++;
    state.exchanges++;
    state.timeouts++;
    state.timeoutsInRow++;
    this.#rest(state);
    this.#noteFamilyFailure(server, 1);
  }

  noteUnreachable(server: ServerAddress, scope: 'server' | 'network' | 'here'): void {
    const state = this.#mutable(server);
    this.#exchanges++;
    this.#unreachable++;
    // Our own shortage says nothing of the server; a refusal by the server nothing of its family.
    if (scope === 'here') return;
    state.exchanges++;
    state.timeoutsInRow = Math.max(state.timeoutsInRow + 1, REST_AFTER);
    this.#rest(state);
    if (scope === 'network') this.#noteFamilyFailure(server, 2);
  }

  /** Only after the same question without EDNS was answered: one packet alone may not do this (CVE-2026-52690). */
  noteEdns(server: ServerAddress, works: boolean): void {
    const state = this.#mutable(server);
    state.ednsLosses = 0;
    state.edns = works ? 'yes' : 'no';
    state.ednsUntil = works ? Number.POSITIVE_INFINITY : this.clock.now() + NO_EDNS_MS;
  }

  /**
   * EDNS went unanswered and plain DNS right after it did not: twice so, and EDNS is held to be dropped on the way. Of a
   * server that spoke it that takes many silences (manner.ts), which nobody beside the path can bring about.
   */
  noteEdnsLoss(server: ServerAddress): void {
    const state = this.#mutable(server);
    if (state.edns !== 'no' && ++state.ednsLosses >= 2) this.noteEdns(server, false);
  }

  preferTcp(server: ServerAddress): void {
    this.#mutable(server).tcpUntil = this.clock.now() + TCP_MS;
  }

  /** TCP does not work there either. */
  avoidTcp(server: ServerAddress): void {
    this.#mutable(server).tcpUntil = 0;
  }

  /** RFC 7873 §4.1: a client cookie of eight random octets for each server, the same from its first query on. */
  clientCookieFor(server: ServerAddress, random: Random): Octets {
    const state = this.#mutable(server);
    state.clientCookie ??= freshCookie(random);
    return state.clientCookie;
  }

  forgetCookies(server: ServerAddress): void {
    this.#mutable(server).serverCookie = undefined;
  }

  rememberCookies(server: ServerAddress, client: Octets, fromServer: Octets | undefined): void {
    const state = this.#mutable(server);
    state.clientCookie = client;
    state.serverCookie = fromServer;
  }

  /** Whether a whole address family is held to be broken: then it is only probed. */
  familyDown(family: Family): boolean {
    return this.#families[family].down;
  }

  /** Whether it is time to see if a broken family works again; true once per interval. */
  takeFamilyProbe(family: Family): boolean {
    const state = this.#families[family];
    if (!state.down || state.probeAt > this.clock.now()) return false;
    state.probeAt = this.clock.now() + FAMILY_PROBE_MS;
    return true;
  }

  /** Exchanges since start, and how they ended or went. */
  counts(): { exchanges: number; timeouts: number; unreachable: number; overTcp: number } {
    return {
      exchanges: this.#exchanges,
      timeouts: this.#timeouts,
      unreachable: this.#unreachable,
      overTcp: this.#overTcp,
    };
  }

  /** The servers asked most, at most `limit`. */
  busiest(limit: number): UpstreamServerView[] {
    const all = [...this.#servers.values()].sort((a, b) => b.exchanges - a.exchanges).slice(0, limit);
    return all.map((state) => this.#view(state));
  }

  #view(state: Mutable): UpstreamServerView {
    const now = this.clock.now();
    const lame = [...(state.lame ?? [])].filter(([, until]) => until > now).map(([zone]) => nameToText(zone));
    return {
      server: state.server.key,
      srttMs: state.srtt,
      rttvarMs: state.srtt === undefined ? undefined : state.rttvar,
      timeoutsInRow: state.timeoutsInRow,
      restingMs: Math.max(0, state.restUntil - now),
      edns: state.edns,
      lameFor: lame,
      exchanges: state.exchanges,
      timeouts: state.timeouts,
    };
  }

  #mutable(server: ServerAddress): Mutable {
    let state = this.#servers.get(server.key);
    if (state === undefined) {
      state = freshServer(server);
      this.#servers.set(server.key, state);
    } else if (state.edns === 'no' && state.ednsUntil <= this.clock.now()) {
      state.edns = 'unknown';
    }
    return state;
  }

  #rest(state: Mutable): void {
    if (state.timeoutsInRow < REST_AFTER) return;
    const rest = FIRST_REST_MS * 2 ** Math.min(state.timeoutsInRow - REST_AFTER, 10);
    state.restUntil = this.clock.now() + Math.min(rest, this.#settings.serverRest);
  }

  #noteFamilyFailure(server: ServerAddress, weight: number): void {
    const family = this.#families[server.family];
    family.failuresInRow += weight;
    if (family.failed.size < 8) family.failed.add(server.key);
    if (family.down || family.failuresInRow < FAMILY_FAILURES || family.failed.size < 2) return;
    // Everything fails when the machine is offline; that says nothing of this family against the other.
    if (family.otherReplies === 0) return;
    family.down = true;
    family.probeAt = this.clock.now() + FAMILY_PROBE_MS;
  }
}

function freshCookie(random: Random): Octets {
  let cookie: string = NO_OCTETS;
  for (let octets = 0; octets < 8; octets++) cookie += String.fromCharCode(random.below(256));
  return cookie as Octets;
}

function freshFamily(): FamilyState {
  return { failuresInRow: 0, failed: new Set(), otherReplies: 0, down: false, probeAt: 0 };
}

function freshServer(server: ServerAddress): Mutable {
  return {
    server,
    srtt: undefined,
    rttvar: 0,
    timeoutsInRow: 0,
    restUntil: 0,
    edns: 'unknown',
    ednsUntil: 0,
    ednsLosses: 0,
    tcpUntil: 0,
    clientCookie: undefined,
    serverCookie: undefined,
    lame: undefined,
    exchanges: 0,
    timeouts: 0,
  };
}

/** RFC 6298 §2.2 and §2.3: gains 1/8 and 1/4. */
function smooth(state: Mutable, rtt: number): void {
  if (state.srtt === undefined) {
    state.srtt = rtt;
    state.rttvar = rtt / 2;
    return;
  }
  state.rttvar += (Math.abs(state.srtt - rtt) - state.rttvar) / 4;
  state.srtt += (rtt - state.srtt) / 8;
}
