/**
 * Are the trust anchors still those of their zones? The driver over the state machine of RFC 5011: it fetches each
 * zone's DNSKEY RRset when that is due, takes the step, acts on it, and plans the next fetch.
 *
 *   fetch from the zone's servers -> who of our anchors signed it? -> updateAnchors -> log, save, distrust -> schedule
 *
 * The set comes from the wire, not from the cache (§2.3 counts on a fresh one), with a budget of its own. Sets that
 * ordinary validation fetches are not looked at: this one is never older than half their TTL.
 *
 * A zone whose anchors are all revoked is one without an anchor (§5): it is asked no more, and what is known of its
 * keys stays known. With each fetch the zone is told what is trusted (RFC 8145 §5.1).
 */
import type { TrustAnchor } from '../config/trust-anchors.js';
import { type Dnskey, dnskeyOf, rrsigOf } from '../dns/dnssec-rdata.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { AnchorStore } from '../ports/anchor-store.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import type { Algorithms } from './algorithms.js';
import { anchorEvents } from './anchor-events.js';
import { anchorStatesToJson } from './anchor-file.js';
import { FIRST_TIMES, type RefreshTimes, refreshTimes } from './anchor-schedule.js';
import {
  type AnchorState,
  type ConfiguredAnchors,
  expectedSigners,
  isAnchor,
  isSameKey,
  startAnchors,
  trustedKeys,
  trustedTags,
  updateAnchors,
  withConfigured,
} from './anchor-state.js';
import { tagSignalName } from './tag-signal.js';
import { groupAnchors, type TrackedAnchors, type ZoneAnchors } from './trust-anchors.js';
import { keysThatSigned } from './verify-rrset.js';

export interface KeeperParts {
  /** The anchors to begin with. */
  readonly configured: readonly TrustAnchor[];
  /** From an earlier run, or from the keeper before this one; of zones that are not configured too. */
  readonly states: readonly AnchorState[];
  readonly lookup: Lookup;
  /** A budget of its own for each fetch. */
  readonly context: (askedFor: string) => LookupContext;
  readonly algorithms: Algorithms;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds since 1970 at which signatures are judged; null: now. */
  readonly validationTime: number | null;
  /** Whether zones are told what is trusted (RFC 8145). */
  readonly signal: boolean;
  /** Undefined: in memory only. */
  readonly store: AnchorStore | undefined;
  /** A key of that zone is trusted no more: what was believed on its word must go. */
  readonly onDistrust: (zone: DomainName) => void;
}

/** How the last fetch of a zone ended. Times in milliseconds since 1970. */
export interface LastRefresh {
  readonly at: number;
  /** Undefined when an anchor had signed what came. */
  readonly failure: string | undefined;
}

/** One zone whose anchors are followed. */
export interface TrackedZone {
  readonly configured: ConfiguredAnchors;
  readonly state: AnchorState;
  readonly last: LastRefresh | undefined;
  /** Milliseconds since 1970; undefined while nothing is planned. */
  readonly next: number | undefined;
}

interface Tracked {
  readonly configured: ConfiguredAnchors;
  state: AnchorState;
  /** What validation is to use, undefined when nothing is trusted; made anew with each state. */
  anchors: ZoneAnchors | undefined;
  times: RefreshTimes;
  last: LastRefresh | undefined;
  next: number | undefined;
  cancel: Cancel;
}

/** Keys of one DNSKEY RRset looked at, as in validation. */
const MAX_KEYS = 32;
/** A zone without trust is looked at for its hold-downs only, seconds. */
const IDLE = 86_400;

export class AnchorKeeper implements TrackedAnchors {
  readonly #zones = new Map<DomainName, Tracked>();
  /** Of zones that are not configured now: a revocation must not be forgotten because a line was taken out for a day. */
  readonly #dormant: readonly AnchorState[];
  #writing: Promise<void> = Promise.resolve();
  /** The text as it was loaded or saved last. */
  #written: string;
  #unwritable = false;
  #closed = false;

  constructor(readonly parts: KeeperParts) {
    const now = this.#now();
    for (const configured of groupAnchors(parts.configured)) {
      const { zone } = configured;
      const earlier = parts.states.find((state) => state.zone === zone);
      const state =
        earlier === undefined ? startAnchors(zone, configured, now) : withConfigured(earlier, configured, now);
      const anchors = zoneAnchors(state);
      const tracked = { configured, state, anchors, times: FIRST_TIMES, last: undefined, next: undefined };
      this.#zones.set(zone, { ...tracked, cancel: () => undefined });
    }
    this.#dormant = parts.states.filter(({ zone }) => !this.#zones.has(zone));
    this.#written = anchorStatesToJson(parts.states);
  }

  isTracked(zone: DomainName): boolean {
    return this.#zones.has(zone);
  }

  /** What is trusted at that zone now. */
  at(zone: DomainName): ZoneAnchors | undefined {
    return this.#zones.get(zone)?.anchors;
  }

  /** Everything to be kept, dormant zones too. */
  states(): readonly AnchorState[] {
    return [...[...this.#zones.values()].map(({ state }) => state), ...this.#dormant];
  }

  zones(): readonly TrackedZone[] {
    return [...this.#zones.values()];
  }

  /** Fetches the sets of all zones now, and from then on whenever it is time. */
  start(): void {
    for (const tracked of this.#zones.values()) this.#plan(tracked, 0);
  }

  /** Plans nothing more; resolves when what was to be saved is saved. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#zones.values()) cancel();
    await this.#writing;
  }

  /** Seconds since 1970. */
  #now(): number {
    return Math.floor((this.parts.validationTime ?? this.parts.clock.wall()) / 1000);
  }

  /** @param delay seconds */
  #plan(tracked: Tracked, delay: number): void {
    if (this.#closed) return;
    const { clock } = this.parts;
    tracked.next = clock.wall() + delay * 1000;
    tracked.cancel = clock.schedule(delay * 1000, () => void this.#turn(tracked));
  }

  async #turn(tracked: Tracked): Promise<void> {
    tracked.next = undefined;
    if (tracked.anchors === undefined) {
      this.#take(tracked, updateAnchors(tracked.state, [], [], this.#now()));
      return this.#plan(tracked, IDLE);
    }
    if (this.parts.signal) this.#signal(tracked);
    // A mistake of ours must not end the following of anchors unseen.
    const failure = await this.#refresh(tracked).catch((err: unknown) => {
      this.parts.log.error({ err }, 'the refresh of trust anchors failed inside rootwalk: please report this');
      return 'it failed inside rootwalk';
    });
    if (this.#closed) return;
    this.#tell(tracked, failure);
    tracked.last = { at: this.parts.clock.wall(), failure };
    this.#plan(tracked, failure === undefined ? tracked.times.refresh : tracked.times.retry);
  }

  /** Why no set was had that an anchor signed; undefined when one was. */
  async #refresh(tracked: Tracked): Promise<string | undefined> {
    const { zone } = tracked.state;
    const context = this.parts.context(`${nameToText(zone)} DNSKEY (trust anchors)`);
    const found = await this.parts.lookup.refetch(zone, Type.DNSKEY, context);
    if (this.#closed) return undefined;
    if (found.kind === 'found' && found.finding.kind === 'answer')
      return this.#see(tracked, found.finding.rrset, context);
    this.#take(tracked, updateAnchors(tracked.state, [], [], this.#now()));
    return found.kind === 'failure' ? found.because[0]!.text : 'the zone has no DNSKEY';
  }

  /**
   * Takes the step a set means. Its verdict by ordinary validation does not matter: a key that revokes itself is to be
   * believed even where nothing else is (§2.1).
   */
  #see(tracked: Tracked, rrset: RRset, context: LookupContext): string | undefined {
    const { state } = tracked;
    const now = this.#now();
    const keys = rrset.rdatas
      .slice(0, MAX_KEYS)
      .map(dnskeyOf)
      .filter((key) => key !== undefined)
      .filter((key) => this.#isOfUse(state, key));
    const expected = expectedSigners(state, keys);
    const signers = keysThatSigned(rrset, state.zone, expected, now, context.budget, this.parts.algorithms);
    if (signers.kind === 'spent') return 'the signature checks allowed for one question are used up';
    const trusted = signers.keys.filter((key) => isAnchor(state, key));
    if (trusted.length > 0) tracked.times = refreshTimes(signaturesBy(rrset, trusted), now);
    this.#take(tracked, updateAnchors(state, keys, signers.keys, now));
    // Where trust has just ended there is no other set to wait for.
    if (trusted.length > 0 || tracked.anchors === undefined) return undefined;
    return `none of its trust anchors has signed the DNSKEY of ${nameToText(state.zone)}`;
  }

  /** A new key that nothing here can verify with is no anchor: the last one would end without a word being said. */
  #isOfUse(state: AnchorState, key: Dnskey): boolean {
    return this.parts.algorithms.supports(key.algorithm) || state.keys.some((known) => isSameKey(known.key, key));
  }

  #take(tracked: Tracked, next: AnchorState): void {
    const before = tracked.state;
    if (next === before) return;
    tracked.state = next;
    tracked.anchors = zoneAnchors(next);
    const zone = nameToText(next.zone);
    for (const { level, keyTag, message } of anchorEvents(before, next))
      this.parts.log[level]({ zone, keyTag }, message);
    if (isTrustLost(before, next)) this.parts.onDistrust(next.zone);
    this.#save();
  }

  /** A failure is told once, and its end. */
  #tell({ state, last }: Tracked, failure: string | undefined): void {
    const zone = nameToText(state.zone);
    if (failure !== undefined && last?.failure === undefined) {
      this.parts.log.warn(
        { zone, because: failure },
        'the trust anchors could not be checked with their zone: trying again',
      );
    } else if (failure === undefined && last?.failure !== undefined) {
      this.parts.log.info({ zone }, 'the trust anchors were checked with their zone again');
    }
  }

  /** The answer does not matter (RFC 8145 §5.3): the question is the message. */
  #signal({ state }: Tracked): void {
    const name = tagSignalName(state.zone, trustedTags(state));
    if (name === undefined) return;
    const context = { ...this.parts.context(`${nameToText(name)} NULL (RFC 8145)`), validate: false };
    void this.parts.lookup.refetch(name, Type.NULL, context).catch(() => undefined);
  }

  #save(): void {
    const { store, log } = this.parts;
    const text = anchorStatesToJson(this.states());
    if (store === undefined || text === this.#written) return;
    this.#written = text;
    this.#writing = this.#writing
      .then(() => store.save(text))
      .then(() => {
        this.#unwritable = false;
      })
      .catch((err: unknown) => {
        if (!this.#unwritable) {
          log.warn(
            { file: store.where, because: err instanceof Error ? err.message : String(err) },
            'the state of the trust anchors cannot be saved: it is kept in memory, and a restart begins again; make the directory writable, or set dnssec.anchorState',
          );
        }
        this.#unwritable = true;
      });
  }
}

function zoneAnchors(state: AnchorState): ZoneAnchors | undefined {
  const dnskeys = trustedKeys(state).map(({ rdata }) => rdata);
  return dnskeys.length + state.ds.length === 0 ? undefined : { zone: state.zone, ds: state.ds, dnskeys };
}

/** Whether something that counted before counts no more; that a digest gave way to its key is no loss. */
function isTrustLost(before: AnchorState, after: AnchorState): boolean {
  const tags = trustedTags(after);
  return (
    trustedTags(before).some((tag) => !tags.includes(tag)) || trustedKeys(before).some((key) => !isAnchor(after, key))
  );
}

function signaturesBy(rrset: RRset, keys: readonly Dnskey[]) {
  return rrset.signatures
    .map(rrsigOf)
    .filter((rrsig) => rrsig !== undefined)
    .filter((rrsig) => keys.some((key) => key.keyTag === rrsig.keyTag && key.algorithm === rrsig.algorithm));
}
