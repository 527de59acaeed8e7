/** A query and chance by design, for tests that change one thing about them. */
import { serverAddress } from '../../src/dns/address.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import type { ExchangeQuery } from '../../src/ports/exchange.js';
import type { Random } from '../../src/ports/random.js';

export const exampleQuery: ExchangeQuery = {
  server: serverAddress('127.0.0.1', 53),
  name: nameFromText('www.example.com.'),
  type: Type.A,
  recursionDesired: false,
  checkingDisabled: false,
  edns: undefined,
  transport: 'udp',
  caseRandomisation: false,
  timeout: 10_000,
};

/** Gives out these numbers, each below the bound asked for, then those of `rest`. */
export function scriptedRandom(numbers: readonly number[], rest: Random): Random {
  let next = 0;
  return { below: (bound) => (next < numbers.length ? numbers[next++]! % bound : rest.below(bound)) };
}
