/** HOT. The address of a client as text, from the octets of a socket address: made once for those who ask often. */
import { addressFromRdata } from '../dns/address.js';
import type { Octets } from '../dns/octets.js';

/** A few clients ask most questions. Emptied at once when full: forged addresses then cost no more than making them. */
const REMEMBERED = 4096;
const AF_INET = 2;

export class ClientNames {
  readonly #v4 = new Map<number, string>();
  readonly #v6 = new Map<string, string>();

  /** @param names buffer with a sockaddr_in or sockaddr_in6 at `at` */
  textAt(names: Buffer, at: number): string {
    return names[at] === AF_INET ? this.#v4At(names, at + 4) : this.#v6At(names, at + 8);
  }

  #v4At(names: Buffer, at: number): string {
    const key = (names[at]! << 24) | (names[at + 1]! << 16) | (names[at + 2]! << 8) | names[at + 3]!;
    const known = this.#v4.get(key);
    if (known !== undefined) return known;
    const text = `${names[at]}.${names[at + 1]}.${names[at + 2]}.${names[at + 3]}`;
    if (this.#v4.size >= REMEMBERED) this.#v4.clear();
    this.#v4.set(key, text);
    return text;
  }

  #v6At(names: Buffer, at: number): string {
    const key = names.latin1Slice(at, at + 16);
    const known = this.#v6.get(key);
    if (known !== undefined) return known;
    const text = addressFromRdata(key as Octets)!;
    if (this.#v6.size >= REMEMBERED) this.#v6.clear();
    this.#v6.set(key, text);
    return text;
  }
}
