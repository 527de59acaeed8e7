/** RDATA read from front to back in order to be shown. Every step is bounds-checked: RDATA is hostile. */
import { nameAt } from '../dns/name.js';
import { type Octets, sliceOctets, uint16At, uint32At } from '../dns/octets.js';
import { PresentationError } from './presentation-error.js';

export class OctetReader {
  #at = 0;

  constructor(readonly octets: Octets) {}

  get remaining(): number {
    return this.octets.length - this.#at;
  }

  uint8(): number {
    return this.octets.charCodeAt(this.#claim(1));
  }

  uint16(): number {
    return uint16At(this.octets, this.#claim(2));
  }

  uint32(): number {
    return uint32At(this.octets, this.#claim(4));
  }

  /** The next `length` octets. */
  take(length: number): Octets {
    const start = this.#claim(length);
    return sliceOctets(this.octets, start, start + length);
  }

  rest(): Octets {
    return this.take(this.remaining);
  }

  /** An uncompressed domain name, spelling kept. */
  name(): Octets {
    const name = nameAt(this.octets, this.#at);
    if (name === undefined) throw new PresentationError(`no domain name at octet ${this.#at}`);
    return this.take(name.length);
  }

  #claim(length: number): number {
    if (length > this.remaining) throw new PresentationError(`${this.octets.length} octets are too few`);
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
