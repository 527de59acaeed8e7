/** Messages caught in the field and broken ones from other projects' tests: none may do more than be refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { encodeMessage } from '../../src/wire/encode-message.js';
import { WireError } from '../../src/wire/wire-error.js';

const directory = path.resolve(import.meta.dirname, '../../../shared/data/messages');
const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith('.gz')) : [];

/** Repeated [length, 16 bits][message]. */
function* messagesOf(file: string): Generator<Buffer> {
  const bytes = gunzipSync(readFileSync(path.join(directory, file)));
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    yield bytes.subarray(at + 2, end);
    at = end;
  }
}

function decodedOrRefused(bytes: Buffer): Message | WireError {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

describe('messages from the field', () => {
  if (files.length === 0) {
    it.skip('../shared/data/messages is absent: decoding of captured messages is not tested', () => {});
  }
  it.each(files)('%s: each is read or refused, and what was read is written with the same meaning', (file) => {
    const refusals = new Map<string, number>();
    let read = 0;
    for (const [index, bytes] of [...messagesOf(file)].entries()) {
      const message = decodedOrRefused(bytes);
      if (message instanceof WireError) {
        const reason = message.message.replace(/\d+/g, 'n');
        refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
        continue;
      }
      read++;
      const { bytes: written, truncated } = encodeMessage(message);
      const again = decodeMessage(written);
      // A zone transfer filled to the brim with compressed RRSIG signers does not fit once they are written in full.
      const cut = { tc: true, answer: message.answer.slice(0, again.answer.length), authority: [], additional: [] };
      const expected = truncated ? { ...message, ...cut } : message;
      if (!isDeepStrictEqual(again, expected)) expect.fail(`message ${index} is not the same after writing`);
      if (truncated) expect(bytes.length).toBeGreaterThan(65_000);
    }
    console.log(`${file}: ${read} read, refused:`, Object.fromEntries(refusals));
    expect(read).toBeGreaterThan(0);
  });
});
