/**
 * HOT. What came in together: datagrams are read one after the other, then handed over one after the other. A system call
 * between two replies would throw the code that reads them out of the processor's caches.
 */

const MAX_DATAGRAM = 65_535;
/** Datagrams lie behind each other in places of so many octets; one that is longer takes several. */
const PLACE = 512;
const PLACES = 128;

/** Datagrams with where each is from. */
export class Received<Source> {
  /** From the start of each place as far as the longest datagram would reach. */
  readonly #places: readonly Buffer[];
  /** The first place that holds nothing. */
  #free = 0;
  #count = 0;
  /** The first that was not handed over. */
  #next = 0;
  readonly #sources: (Source | undefined)[] = new Array(PLACES).fill(undefined);
  readonly #at = new Uint8Array(PLACES);
  readonly #octets = new Uint16Array(PLACES);

  constructor() {
    const slab = Buffer.alloc(PLACES * PLACE + MAX_DATAGRAM);
    this.#places = Array.from({ length: PLACES }, (_, i) => slab.subarray(i * PLACE, i * PLACE + MAX_DATAGRAM));
  }

  get isFull(): boolean {
    return this.#free >= PLACES;
  }

  /** Where the next datagram of up to 65535 octets is to be read to. Only while it is not full. */
  get room(): Buffer {
    return this.#places[this.#free]!;
  }

  /** Keeps what was read into `room`. */
  add(source: Source, octets: number): void {
    const index = this.#count++;
    this.#sources[index] = source;
    this.#at[index] = this.#free;
    this.#octets[index] = octets;
    this.#free += octets > PLACE ? Math.ceil(octets / PLACE) : 1;
  }

  /**
   * Hands over what was read, in order: the first, and the others for as long as `mayGoOn`. Returns whether some are left;
   * nothing may be added before those were handed over as well. The octets are good until `hear` returns.
   */
  handOver(hear: (source: Source, octets: Buffer) => void, mayGoOn: () => boolean): boolean {
    while (this.#next < this.#count) {
      const i = this.#next++;
      const source = this.#sources[i]!;
      this.#sources[i] = undefined;
      hear(source, this.#places[this.#at[i]!]!.subarray(0, this.#octets[i]!));
      if (!mayGoOn()) break;
    }
    if (this.#next < this.#count) return true;
    this.#next = this.#count = this.#free = 0;
    return false;
  }
}
