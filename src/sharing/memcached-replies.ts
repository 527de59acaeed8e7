/**
 * Octets from memcached cut into replies (protocol.txt of memcached, the classic text protocol). Hostile: a line has a
 * bound, a value that is too long is thrown away while it arrives, and what makes no sense ends the connection.
 */

export type MemcachedReply =
  /** `value` is undefined when it was too long to keep. */
  | { readonly kind: 'value'; readonly key: string; readonly value: Buffer | undefined }
  | { readonly kind: 'line'; readonly text: string };

/** "VALUE <250 octets of key> <flags> <length>", with room. */
const MAX_LINE = 512;

export class MemcachedProtocolError extends Error {}

export class MemcachedReplies {
  #rest = Buffer.alloc(0);
  /** The value that is arriving: octets still to come, CR LF included. */
  #value: { readonly key: string; readonly parts: Buffer[] | undefined; left: number } | undefined;

  /** @param maxOctets longest value worth keeping */
  constructor(readonly maxOctets: number) {}

  /** Everything that is complete with these octets. Throws MemcachedProtocolError. */
  read(octets: Buffer): MemcachedReply[] {
    const replies: MemcachedReply[] = [];
    let at = 0;
    while (at < octets.length) {
      if (this.#value !== undefined) {
        at = this.#readValue(this.#value, octets, at, replies);
        continue;
      }
      const end = octets.indexOf(0x0a, at);
      const line = end < 0 ? octets.subarray(at) : octets.subarray(at, end + 1);
      if (this.#rest.length + line.length > MAX_LINE)
        throw new MemcachedProtocolError('memcached sent an endless line');
      this.#rest = Buffer.concat([this.#rest, line]);
      at += line.length;
      if (end >= 0) this.#readLine(replies);
    }
    return replies;
  }

  #readLine(replies: MemcachedReply[]): void {
    const text = this.#rest.toString('latin1').trimEnd();
    this.#rest = Buffer.alloc(0);
    const value = /^VALUE (\S+) \d+ (\d{1,10})$/.exec(text);
    if (value === null) {
      replies.push({ kind: 'line', text });
      return;
    }
    const length = Number(value[2]);
    this.#value = { key: value[1]!, parts: length > this.maxOctets ? undefined : [], left: length + 2 };
  }

  /** Where to go on reading. */
  #readValue(
    value: { readonly key: string; readonly parts: Buffer[] | undefined; left: number },
    octets: Buffer,
    at: number,
    replies: MemcachedReply[],
  ): number {
    const part = octets.subarray(at, at + value.left);
    value.parts?.push(part);
    value.left -= part.length;
    if (value.left === 0) {
      this.#value = undefined;
      const whole = value.parts && Buffer.concat(value.parts);
      replies.push({ kind: 'value', key: value.key, value: whole?.subarray(0, -2) });
    }
    return at + part.length;
  }
}
