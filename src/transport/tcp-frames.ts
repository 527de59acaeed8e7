/** Where does a message begin and end in a TCP stream? Two octets of length before each (RFC 1035 §4.2.2). */

const LENGTH_OCTETS = 2;
const NOTHING = Buffer.alloc(0);

/** The two octets that go before a message. It goes out in the same write as the message (RFC 7766 §8). */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_OCTETS + message.length);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, LENGTH_OCTETS);
  return frame;
}

/** The message inside a frame made by framed(), sharing its memory. */
export function unframed(frame: Buffer): Buffer {
  return frame.subarray(LENGTH_OCTETS);
}

/** Puts messages together from chunks cut anywhere. Holds at most one message and one chunk. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;
  /** Octets until the next message can be cut out; a guess of its length alone while that is not known. */
  #wanted = LENGTH_OCTETS;

  /** The messages completed by `chunk`, of 0 to 65535 octets each, sharing memory with the chunk where possible. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    // Octet by octet is legal: chunks are joined when a message is complete, not each time.
    if (this.#held < this.#wanted) return [];
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held);
    const messages: Buffer[] = [];
    for (;;) {
      this.#wanted = rest.length < LENGTH_OCTETS ? LENGTH_OCTETS : LENGTH_OCTETS + rest.readUInt16BE(0);
      if (rest.length < this.#wanted) break;
      messages.push(rest.subarray(LENGTH_OCTETS, this.#wanted));
      rest = rest.length === this.#wanted ? NOTHING : rest.subarray(this.#wanted);
    }
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    return messages;
  }
}
