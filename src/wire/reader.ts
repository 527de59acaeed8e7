/** HOT. Reading numbers out of a message that someone else wrote: every read is checked against its end. */
import { WireError } from './wire-error.js';

/** The same memory as a Buffer, whose latin1Slice a plain Uint8Array lacks. Nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A cursor over one message. Numbers are big-endian (RFC 1035 §2.3.2). Every method throws WireError at the end. */
export class Reader {
  /** Offset of the next octet to read. */
  at = 0;

  constructor(readonly bytes: Buffer) {}

  /** The offset behind the next `count` octets. Throws WireError when the message has fewer. */
  span(count: number): number {
    const end = this.at + count;
    if (end > this.bytes.length)
      throw new WireError(`the message ends ${end - this.bytes.length} octets early`, this.at);
    return end;
  }

  uint16(): number {
    const at = this.at;
    this.at = this.span(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** 0..2^32-1 */
  uint32(): number {
    const at = this.at;
    this.at = this.span(4);
    const bytes = this.bytes;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }
}
