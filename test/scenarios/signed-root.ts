/** A signed root zone whose keys change: what it publishes and who signs it is said anew at every step. */
import { createHash } from 'node:crypto';
import { type Composed, composeResolver } from '../../src/cli/compose.js';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Class, rcodeToText, Type, typeFromText } from '../../src/dns/numbers.js';
import { bytesOf, concatOctets, type Octets, octets16, octetsFrom, octetsOf } from '../../src/dns/octets.js';
import type { Resolution } from '../../src/dns/resolution.js';
import type { RRset } from '../../src/dns/rrset.js';
import { loadZone, Zone } from '../../src/lab/zone.js';
import type { AnchorStore } from '../../src/ports/anchor-store.js';
import { SimClock } from '../sim/clock.js';
import { SimNetwork } from '../sim/network.js';
import { seededRandom } from '../sim/random.js';
import { DAY, makeKey, REVOKED_FLAGS, SEP_FLAGS, type SigningKey, signRrset, withFlags } from '../validator/signing.js';

export const ROOT_SERVER = '198.41.0.4';
const ED25519 = 15;
/** So that a refresh is due every day (RFC 5011 §2.3: half of it). Seconds. */
const KEY_TTL = 2 * DAY;

export const ksk = (): SigningKey => makeKey(ED25519, SEP_FLAGS);
export const revoked = (key: SigningKey): SigningKey => withFlags(key, REVOKED_FLAGS);

/** RDATA of the DS record, SHA-256. */
function dsOfKey({ dnskey }: SigningKey): Octets {
  const digest = createHash('sha256')
    .update(bytesOf(concatOctets(ROOT, dnskey.rdata)))
    .digest();
  return concatOctets(octets16(dnskey.keyTag), octetsFrom(dnskey.algorithm, 2), octetsOf(digest));
}

/** A store that remembers; `trouble` makes it fail. */
class MemoryStore implements AnchorStore {
  readonly where = 'memory.json';
  text: string | undefined;
  saves = 0;
  trouble: string | undefined;

  load(): string | undefined {
    return this.text;
  }

  async save(text: string): Promise<void> {
    if (this.trouble !== undefined) throw new Error(this.trouble);
    this.saves++;
    this.text = text;
  }
}

export class SignedRoot {
  readonly clock = new SimClock();
  readonly network = new SimNetwork(this.clock);
  readonly store = new MemoryStore();
  /** "warn a trust anchor ... ", in order. */
  readonly logged: string[] = [];
  readonly #zsk = makeKey(ED25519);
  readonly #zone: Zone;
  #composed: Composed | undefined;

  /** @param text records of the root zone, beside its SOA and NS */
  constructor(text: string) {
    const soa = '@ 3600 IN SOA ns.invalid. host.invalid. 1 3600 900 604800 300\n';
    const ns = `@ NS a.root.\na.root. A ${ROOT_SERVER}\n`;
    this.#zone = loadZone(`$TTL 3600\n${soa}${ns}${text}\n`, { origin: ROOT, file: 'root' });
  }

  /** The DNSKEY RRset from now on: these keys and the zone-signing key, signed by `signers`. */
  publish(keys: readonly SigningKey[], signers: readonly SigningKey[]): void {
    const rdatas = [...keys, this.#zsk].map(({ dnskey }) => dnskey.rdata);
    const dnskeys = { name: ROOT, type: Type.DNSKEY, ttl: KEY_TTL, rdatas, signatures: [] };
    const signed = [...this.#zone.rrsets()].map((rrset) => this.#signed(rrset, [this.#zsk]));
    this.network.server(ROOT_SERVER).zones = [new Zone(ROOT, [...signed, this.#signed(dnskeys, signers)])];
  }

  #signed(rrset: RRset, signers: readonly SigningKey[]): RRset {
    const now = Math.floor(this.clock.wall() / 1000);
    const choices = { signer: ROOT, inception: now - DAY, expiration: now + 400 * DAY };
    return { ...rrset, signatures: signers.map((key) => signRrset(rrset, key, choices)) };
  }

  /** A resolver with these anchors, its state in the store; the one before ends as in a crash. */
  start(anchors: readonly ConfiguredKey[], options: StartOptions = {}): Composed {
    void this.#composed?.close();
    const say = (level: string) => (_: object, message: string) => void this.logged.push(`${level} ${message}`);
    const log = { debug: () => {}, info: say('info'), warn: say('warn'), error: say('error') };
    const { clock, store: anchorStore } = this;
    const { network } = this;
    const exchange = {
      ask: network.ask.bind(network),
      begin: network.begin.bind(network),
      close: async () => {},
    };
    const parts = { log, clock, random: seededRandom(1), exchange, anchorStore };
    this.#composed = composeResolver(configOf(anchors, options), parts);
    return this.#composed;
  }

  reconfigure(anchors: readonly ConfiguredKey[], options: StartOptions = {}): void {
    this.composed.reconfigure(configOf(anchors, options));
  }

  /** The same, and lets it follow its anchors. */
  async follow(...args: Parameters<SignedRoot['start']>): Promise<Composed> {
    const composed = this.start(...args);
    composed.keepAnchors();
    await this.clock.pass(5000);
    return composed;
  }

  days(count: number): Promise<void> {
    return this.clock.pass(count * DAY * 1000);
  }

  /** "a valid, b addPend": the anchors of the root in order, by the names given to keys. */
  states(names: Readonly<Record<string, SigningKey>>): string {
    const byTag = new Map(
      Object.entries(names).flatMap(([name, key]) => [
        [key.dnskey.keyTag, name],
        [revoked(key).dnskey.keyTag, name],
      ]),
    );
    const { anchors } = this.composed.inspection.trust();
    return anchors.map(({ keyTag, state }) => `${byTag.get(keyTag)} ${state}`).join(', ');
  }

  get composed(): Composed {
    return this.#composed!;
  }

  async resolution(question: string, checkingDisabled = false): Promise<Resolution> {
    const [name = '', type = 'A'] = question.split(' ');
    const q = { name: nameFromText(name), type: typeFromText(type)!, class: Class.IN };
    const options = { checkingDisabled, trace: undefined };
    const { resolver } = this.composed;
    return resolver.known(q, options) ?? (await this.clock.run(resolver.resolve(q, options)));
  }

  /** "NOERROR secure" */
  async ask(question: string): Promise<string> {
    const { rcode, security } = await this.resolution(question);
    return `${rcodeToText(rcode)} ${security.kind}`;
  }
}

interface ConfiguredKey {
  readonly type: typeof Type.DS | typeof Type.DNSKEY;
  readonly rdata: Octets;
}

interface StartOptions {
  /** YAML of the section of that name; with `trustAnchors: []` the anchors count as configured, else as built in. */
  readonly dnssec?: string;
  /** YAML of other sections. */
  readonly config?: string;
}

function configOf(anchors: readonly ConfiguredKey[], { dnssec = '', config = '' }: StartOptions): Config {
  const outcome = parseConfig(`dnssec: { ${dnssec} }\n${config}\n`, 'test');
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('; '));
  const trustAnchors = anchors.map((anchor) => ({ zone: ROOT, ...anchor }));
  return {
    ...outcome.config,
    rootHints: { servers: [{ name: nameFromText('a.root.'), addresses: [ROOT_SERVER] }] },
    dnssec: { ...outcome.config.dnssec, trustAnchors },
  };
}

/** An anchor as it is configured. */
export const asDnskey = ({ dnskey }: SigningKey) => ({ type: Type.DNSKEY, rdata: dnskey.rdata }) as const;
export const asDs = (key: SigningKey) => ({ type: Type.DS, rdata: dsOfKey(key) }) as const;
