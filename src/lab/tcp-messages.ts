/** Where does one message end and the next begin on a TCP stream? Two octets of length before each (RFC 1035 §4.2.2). */

/** Collects the chunks of a stream. Holds at most one unfinished message, 65,537 octets. */
export class MessageStream {
  #held: Buffer = Buffer.alloc(0);

  /** The messages that are complete with this chunk, in order. */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      messages.push(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#held = rest;
    return messages;
  }
}

/** The message with its length in front. It must be at most 65,535 octets. */
export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
