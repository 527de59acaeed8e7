/** Where does one message end and the next begin on a TCP stream? Two octets of length before each (RFC 1035 §4.2.2). */

const LENGTH_OCTETS = 2;

/** Chunks kept apart at most: a Buffer takes 100 octets, so single octets in great number would fill memory. */
const MAX_CHUNKS = 64;

/**
 * Messages cut out of a stream, one at a time: a reader that is to wait leaves the rest where it is. Chunks are
 * joined for a message that spans them, or when there are many.
 */
export class MessageFraming {
  #chunks: Buffer[] = [];
  /** Octets in all chunks: at most a chunk more than one unfinished message, when messages are taken out as they come. */
  #held = 0;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#chunks.length > MAX_CHUNKS) this.#chunks = [this.#joined()];
  }

  /** The next whole message, of 0 to 65,535 octets; undefined when there is none yet. */
  next(): Buffer | undefined {
    if (this.#held < LENGTH_OCTETS) return undefined;
    const end = LENGTH_OCTETS + this.#length();
    if (this.#held < end) return undefined;
    const all = this.#joined();
    const rest = all.subarray(end);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    return all.subarray(LENGTH_OCTETS, end);
  }

  /** The length the stream announces next; its two octets may come in two chunks. */
  #length(): number {
    const first = this.#chunks[0]!;
    return (first[0]! << 8) | (first.length > 1 ? first[1]! : this.#chunks[1]![0]!);
  }

  #joined(): Buffer {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#held);
  }
}

/** The message with its length in front, in one piece: RFC 7766 §8 asks for one write. At most 65,535 octets. */
export function framed(message: Uint8Array): Buffer {
  const octets = Buffer.allocUnsafe(LENGTH_OCTETS + message.length);
  octets.writeUInt16BE(message.length);
  octets.set(message, LENGTH_OCTETS);
  return octets;
}
