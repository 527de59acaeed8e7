/**
 * Under which key does an entry lie in the store, and is what lies there really ours? Keys hold the version of all forms
 * and what the instance believes and whom it asks: instances that would judge or route otherwise share nothing. Every
 * value is signed together with its key: whoever can write to the store can neither forge one nor put it elsewhere.
 * An old value may be put back where it was; it says itself when it expires.
 */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { PORTABLE_VERSION } from '../cache/portable.js';

/** Raised when what is written around the records (portable.ts) changes. */
const SHARING_VERSION = 1;
const SIGNATURE_OCTETS = 32;
/** What memcached takes. */
const MAX_KEY_OCTETS = 250;

/**
 * `judged`: entries that may answer clients. `unjudged`: those an instance that validates fetched for its own use. They
 * lie apart, or each would displace the other.
 */
export type EntryClass = 'judged' | 'unjudged';

export class KeySpace {
  readonly #base: string;
  readonly #key: KeyObject;

  /** @param trust all that decides how data is had and judged, as one text */
  constructor(prefix: string, trust: string, secret: string) {
    const fingerprint = createHash('sha256').update(trust).digest('base64url').slice(0, 12);
    this.#base = `${prefix}:${SHARING_VERSION}.${PORTABLE_VERSION}:${fingerprint}`;
    this.#key = createSecretKey(Buffer.from(secret, 'utf8'));
  }

  /** Where the flushes of all instances are written down. */
  get flushLog(): string {
    return `${this.#base}:flushes`;
  }

  /** Holds another value after each flush: whoever sees it change reads the log. */
  get flushMark(): string {
    return `${this.#base}:flushed`;
  }

  get channel(): string {
    return `${this.#base}:channel`;
  }

  /** `key` of the local store. */
  keyOf(key: string, entryClass: EntryClass): string {
    const base = `${this.#base}:${entryClass === 'judged' ? 'j' : 'u'}:`;
    const plain = base + Buffer.from(key, 'latin1').toString('base64url');
    if (plain.length <= MAX_KEY_OCTETS) return plain;
    // A hash has 43 characters; no plain key that short has a dot.
    return `${base}.${createHash('sha256').update(key, 'latin1').digest('base64url')}`;
  }

  /** The record, signed for that place. */
  seal(place: string, record: Buffer): Buffer {
    return Buffer.concat([this.#sign(place, record), record]);
  }

  /** The record; undefined when it was not signed for that place with our secret. */
  open(place: string, value: Buffer): Buffer | undefined {
    if (value.length <= SIGNATURE_OCTETS) return undefined;
    const record = value.subarray(SIGNATURE_OCTETS);
    const isOurs = timingSafeEqual(value.subarray(0, SIGNATURE_OCTETS), this.#sign(place, record));
    return isOurs ? record : undefined;
  }

  #sign(place: string, record: Buffer): Buffer {
    // No place holds a NUL, so the two cannot run into each other.
    return createHmac('sha256', this.#key).update(`${place}\0`, 'latin1').update(record).digest();
  }
}
