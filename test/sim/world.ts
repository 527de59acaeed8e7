/**
 * A world for a scenario: zones as zone-file text, each served at the addresses its NS records lead to; the production
 * resolver over it, put together by compose.ts; answers as dig would print them.
 */
import { type Composed, type ComposeParts, composeResolver } from '../../src/cli/compose.js';
import type { Config } from '../../src/config/config.js';
import { parseConfig } from '../../src/config/load-config.js';
import { addressFromRdata } from '../../src/dns/address.js';
import { extendedErrorName } from '../../src/dns/extended-error.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { rcodeToText, Type, typeFromText } from '../../src/dns/numbers.js';
import type { Resolution } from '../../src/dns/resolution.js';
import { type RRset, recordsOf, targetOf } from '../../src/dns/rrset.js';
import { type SigningPlan, signLab } from '../../src/lab/sign-lab.js';
import type { DenialStyle } from '../../src/lab/sign-zone.js';
import { loadZone, type Zone } from '../../src/lab/zone.js';
import type { Log } from '../../src/ports/log.js';
import type { TraceEvent } from '../../src/ports/trace.js';
import { recordToText } from '../../src/presentation/record-text.js';
import { SimClock } from './clock.js';
import { SimNetwork, type SimServer } from './network.js';
import { seededRandom } from './random.js';

const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export interface WorldOptions {
  /** YAML, merged over the test's own settings. */
  readonly config?: string;
  readonly seed?: number;
  readonly parts?: Partial<ComposeParts>;
  /** Zones to sign by their apex, with how they deny; the root's key becomes the trust anchor, DS are put in. */
  readonly sign?: Readonly<Record<string, DenialStyle>>;
}

export class World {
  readonly clock = new SimClock();
  readonly network = new SimNetwork(this.clock);
  readonly config: Config;
  readonly composed: Composed;
  readonly events: TraceEvent[] = [];
  readonly #zones: Zone[];

  /** By apex: text, or a zone made by other means (signed-zones.ts). */
  constructor(zones: Readonly<Record<string, string | Zone>>, options: WorldOptions = {}) {
    const loaded = new Map(
      Object.entries(zones).map(([apex, zone]) => [apex, typeof zone === 'string' ? loadOne(apex, zone) : zone]),
    );
    const { zones: served, ds } = signLab(loaded, plansOf(options.sign ?? {}), Math.floor(this.clock.wall() / 1000));
    this.#zones = [...(options.sign === undefined ? loaded : served).values()];
    for (const zone of this.#zones)
      for (const address of this.#addressesOf(zone)) this.network.server(address).zones.push(zone);
    const off = /^dnssec:/m.test(options.config ?? '') || options.sign ? '' : '\ndnssec: { mode: off }\n';
    const outcome = parseConfig(`${options.config ?? ''}${off}`, 'test');
    if (!outcome.ok) throw new Error(outcome.problems.map((p) => p.message).join('; '));
    const trustAnchors = [...(ds.get(ROOT) ?? [])].map((rdata) => ({ zone: ROOT, type: Type.DS, rdata }));
    const dnssec = options.sign ? { ...outcome.config.dnssec, trustAnchors } : outcome.config.dnssec;
    const root = this.#zones.find((zone) => zone.apex === ROOT);
    const hints = root === undefined ? [] : [{ name: nameFromText('hint.root.'), addresses: this.#addressesOf(root) }];
    this.config = { ...outcome.config, dnssec, rootHints: { servers: hints } };
    this.composed = composeResolver(this.config, {
      log: silentLog,
      clock: this.clock,
      random: seededRandom(options.seed ?? 1),
      exchange: this.network,
      ...options.parts,
    });
  }

  at(address: string): SimServer {
    return this.network.server(address);
  }

  /** Asks "www.example. A" and gives the answer in lines: rcode, then records, then extended errors. */
  async ask(question: string): Promise<string> {
    return render(await this.resolution(question));
  }

  async resolution(question: string, checkingDisabled = false): Promise<Resolution> {
    const [name = '', type = 'A'] = question.split(' ');
    const q = { name: nameFromText(name), type: typeFromText(type)!, class: 1 };
    this.network.asked.length = 0;
    this.network.queries.length = 0;
    this.events.length = 0;
    const { resolver } = this.composed;
    const known = resolver.known(q, { checkingDisabled, trace: undefined });
    if (known !== undefined) return known;
    const trace = (event: TraceEvent): void => void this.events.push(event);
    return this.clock.run(resolver.resolve(q, { checkingDisabled, trace }));
  }

  /** Who was asked what for the last question. */
  get asked(): readonly string[] {
    return this.network.asked;
  }

  #addressesOf(zone: Zone): string[] {
    const ns = zone.rrset(zone.apex, Type.NS);
    const addresses: string[] = [];
    for (const rdata of ns?.rdatas ?? []) {
      for (const holder of this.#zones) {
        for (const type of [Type.A, Type.AAAA]) {
          const found = holder.rrset(targetOf(rdata)!, type);
          for (const address of found?.rdatas ?? []) addresses.push(addressFromRdata(address)!);
        }
      }
    }
    return [...new Set(addresses)];
  }
}

function plansOf(styles: Readonly<Record<string, DenialStyle>>): Record<string, SigningPlan> {
  return Object.fromEntries(
    Object.entries(styles).map(([apex, denial]) => [apex, { algorithm: 13, keys: 'csk', denial }]),
  );
}

/** A zone of that apex from text, with a TTL and a SOA where it has none. */
export function loadOne(apex: string, text: string): Zone {
  const origin = nameFromText(apex);
  const soa = /\bSOA\b/.test(text) ? '' : '@ 3600 IN SOA ns.invalid. host.invalid. 1 3600 900 604800 300\n';
  return loadZone(`$TTL 3600\n${soa}${text}\n`, { origin, file: apex });
}

function render(resolution: Resolution): string {
  const lines = [rcodeToText(resolution.rcode)];
  const section = (title: string, rrsets: readonly RRset[]): void => {
    for (const rrset of rrsets)
      for (const record of recordsOf(rrset, false)) lines.push(`${title}${recordToText(record)}`);
  };
  section('', resolution.answer);
  section('authority: ', resolution.authority);
  for (const error of resolution.because) lines.push(`; ${extendedErrorName(error.code)}: ${error.text}`);
  return lines.join('\n');
}
