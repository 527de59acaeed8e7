/** Where do lines end in a stream of octets, when whoever sends it may never end one? */

/** A line longer than the bound. */
export class LineTooLong extends Error {
  constructor(readonly max: number) {
    super(`a line is longer than ${max} octets`);
    this.name = 'LineTooLong';
  }
}

const LINE_FEED = 0x0a;

/** Lines without their end; the last need not have one. Throws LineTooLong. @param max octets of a line */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, max: number): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let at = octets.indexOf(LINE_FEED); at >= 0; at = octets.indexOf(LINE_FEED, from)) {
      if (length + at - from > max) throw new LineTooLong(max);
      yield lineOf(begun, octets.subarray(from, at));
      begun = [];
      length = 0;
      from = at + 1;
    }
    length += octets.length - from;
    if (length > max) throw new LineTooLong(max);
    // A copy: the rest of the chunk is not to be kept for it.
    if (from < octets.length) begun.push(Buffer.from(octets.subarray(from)));
  }
  if (length > 0) yield lineOf(begun, Buffer.alloc(0));
}

function lineOf(begun: readonly Buffer[], end: Buffer): string {
  const text = begun.length === 0 ? end.toString('utf8') : Buffer.concat([...begun, end]).toString('utf8');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
