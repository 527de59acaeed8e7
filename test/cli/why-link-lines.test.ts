/** Links of the chain of trust as lines. */
import { expect, test } from 'vitest';
import { linkLines } from '../../src/cli/why-link-lines.js';

test('an anchor is vouched for by the configuration, by nothing above it', () => {
  const key = { keyTag: 7, role: 'KSK', flags: 257, algorithm: 'ED25519 (15)', revoked: false, trusted: true } as const;
  const texts = linkLines({ kind: 'anchor', source: 'configured', ds: [], keys: [{ ...key, signsKeys: true }] }, 0).map(
    ({ text }) => text,
  );
  expect(texts).toEqual(['DNSKEY 7 KSK, ED25519 (15): signs the keys; configured']);
});
