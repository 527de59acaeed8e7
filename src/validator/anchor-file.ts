/**
 * How are the states of trust anchors kept in a file between runs? As JSON people can read, one entry for each zone,
 * every value checked when it is read.
 */
import { type Dnskey, dnskeyOf, dsOf } from '../dns/dnssec-rdata.js';
import { type DomainName, NameError, nameFromText, nameToText } from '../dns/name.js';
import { concatOctets, hexOf, type Octets, octets16, octetsFrom, octetsFromHex, octetsOf } from '../dns/octets.js';
import { ANCHOR_KEY_STATES, type AnchorKey, type AnchorKeyState, type AnchorState } from './anchor-state.js';

/** 1 held a single zone and was never released. */
const VERSION = 2;
/** Far above what a zone has, in configured anchors too. */
const MAX_ENTRIES = 1000;

/** A file of anchors that cannot be believed; the message names the file, the value and the way out. */
export class AnchorFileError extends Error {
  constructor(file: string, key: string, reason: string) {
    super(
      `${file}: ${key}: ${reason}; correct it, or remove the file to start again from the configured trust anchors`,
    );
    this.name = 'AnchorFileError';
  }
}

/** The states as JSON text. Key tags are in it for people. */
export function anchorStatesToJson(states: readonly AnchorState[]): string {
  return `${JSON.stringify({ version: VERSION, zones: states.map(stateToJson) }, undefined, 2)}\n`;
}

function stateToJson({ zone, ds, keys }: AnchorState): object {
  return {
    zone: nameToText(zone),
    ds: ds.map(hexOf),
    keys: keys.map(({ key, state, since, lastSeen }) => ({
      keyTag: key.keyTag,
      state,
      since: timeToText(since),
      lastSeen: timeToText(lastSeen),
      flags: key.flags,
      algorithm: key.algorithm,
      publicKey: Buffer.from(key.publicKey, 'latin1').toString('base64'),
    })),
  };
}

/** The states from what anchorStatesToJson wrote, one a zone. @param file for messages. Throws AnchorFileError. */
export function anchorStatesFromJson(text: string, file: string): readonly AnchorState[] {
  const root = new Value(parseJson(text, file), '', file);
  if (root.field('version').number(0, 0xffff) !== VERSION) throw root.field('version').wrong(`this is not ${VERSION}`);
  const zones = new Set<DomainName>();
  return root
    .field('zones')
    .list(MAX_ENTRIES)
    .map((entry) => {
      const state = readState(entry);
      if (zones.has(state.zone)) throw entry.field('zone').wrong('this zone stands here twice');
      zones.add(state.zone);
      return state;
    });
}

function readState(value: Value): AnchorState {
  const keys = value.field('keys').list(MAX_ENTRIES).map(readKey);
  const ds = value.field('ds').list(MAX_ENTRIES).map(readDs);
  return { zone: readZone(value.field('zone')), ds, keys };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AnchorFileError(file, 'the file', `it is not JSON (${(error as Error).message})`);
  }
}

function readZone(value: Value): DomainName {
  try {
    return nameFromText(value.text());
  } catch (error) {
    if (error instanceof NameError) throw value.wrong(error.message);
    throw error;
  }
}

function readDs(value: Value): Octets {
  const rdata = octetsFromHex(value.text());
  if (rdata === undefined || dsOf(rdata) === undefined) throw value.wrong('this is no DS RDATA in hexadecimal digits');
  return rdata;
}

function readKey(value: Value): AnchorKey {
  const state = value.field('state').text();
  if (!isKeyState(state)) throw value.field('state').wrong(`this is none of ${ANCHOR_KEY_STATES.join(', ')}`);
  const key = readDnskey(value);
  // Cheap insurance against a line edited by hand or a damaged disk: the tag is a checksum of the key.
  if (value.field('keyTag').number(0, 0xffff) !== key.keyTag) {
    throw value.field('keyTag').wrong(`the key has the tag ${key.keyTag}`);
  }
  return { key, state, since: value.field('since').time(), lastSeen: value.field('lastSeen').time() };
}

/** RFC 4034 §2.1.2: the protocol is always 3. */
const PROTOCOL = 3;

function readDnskey(value: Value): Dnskey {
  const encoded = value.field('publicKey').text();
  const publicKey = Buffer.from(encoded, 'base64');
  // Buffer.from passes over what is not base64.
  if (publicKey.length === 0 || publicKey.toString('base64') !== encoded) {
    throw value.field('publicKey').wrong('this is not base64');
  }
  const flags = value.field('flags').number(0, 0xffff);
  const algorithm = value.field('algorithm').number(0, 0xff);
  return dnskeyOf(concatOctets(octets16(flags), octetsFrom(PROTOCOL, algorithm), octetsOf(publicKey)))!;
}

function isKeyState(text: string): text is AnchorKeyState {
  return (ANCHOR_KEY_STATES as readonly string[]).includes(text);
}

function timeToText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** A JSON value and where it stands, so that every complaint can say so. */
class Value {
  readonly #value: unknown;
  readonly #path: string;
  readonly #file: string;

  constructor(value: unknown, path: string, file: string) {
    this.#value = value;
    this.#path = path;
    this.#file = file;
  }

  wrong(reason: string): AnchorFileError {
    return new AnchorFileError(this.#file, this.#path === '' ? 'the file' : this.#path, reason);
  }

  field(name: string): Value {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('this is not an object');
    const inner: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new Value(inner, this.#path === '' ? name : `${this.#path}.${name}`, this.#file);
  }

  list(max: number): Value[] {
    const value = this.#value;
    if (!Array.isArray(value)) throw this.wrong('this is not a list');
    if (value.length > max) throw this.wrong(`it has more than ${max} entries`);
    return value.map((inner, index) => new Value(inner, `${this.#path}[${index}]`, this.#file));
  }

  text(): string {
    if (typeof this.#value !== 'string') throw this.wrong('this is not a text');
    return this.#value;
  }

  number(min: number, max: number): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw this.wrong(`this is not a whole number of ${min} to ${max}`);
    }
    return value;
  }

  /** Seconds since 1970, from RFC 3339 text. */
  time(): number {
    const text = this.text();
    const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(milliseconds)) throw this.wrong('this is not a time like 2026-01-31T12:00:00Z');
    return Math.floor(milliseconds / 1000);
  }
}
