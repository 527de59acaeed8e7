/** The parts of the built program that a simulation drives: its store, its shelves, its entries. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../ensure.mjs';

const dist = (path) => import(pathToFileURL(join(projectRoot, 'dist', path)).href);

export async function loadProgram(seed) {
  const { Store } = await dist('cache/store.js');
  const { createShelf } = await dist('cache/create-shelf.js');
  const { Entry, sizeOf, storeKey, TICKS } = await dist('cache/entry.js');
  const { packHead } = await dist('cache/pack.js');
  const { rrsetKey } = await dist('dns/rrset.js');
  const { NameError, nameFromText } = await dist('dns/name.js');
  const { typeFromText } = await dist('dns/numbers.js');
  const { Credibility } = await dist('dns/provenance.js');
  const { LIMITS } = await dist('config/limits.js');
  const maxEntryBytes = LIMITS.entryOctets.default;

  const headOf = (question, cost) =>
    packHead({
      storedAt: 0,
      ttlOriginal: 300,
      security: { kind: 'insecure' },
      provenance: {
        server: '192.0.2.53:53',
        transport: 'udp',
        section: 'answer',
        credibility: Credibility.answerAuthoritative,
        askedFor: question,
        costMs: cost.ms,
        costExchanges: cost.exchanges,
      },
    });
  const sized = (key, packed) => ({ key, packed, size: sizeOf(key, new Entry(packed, 0)) });
  const blockHead = headOf('', { ms: 1, exchanges: 1 });

  return {
    ticks: TICKS,
    typeFromText,
    nameOrUndefined(text) {
      try {
        return nameFromText(text);
      } catch (error) {
        if (error instanceof NameError) return undefined;
        throw error;
      }
    },
    /** Key, packed value and octets charged of an answer. */
    entryOf: ({ owner, type, question, cost, octets }) =>
      sized(storeKey('rrset', rrsetKey(owner, type)), headOf(question, cost) + '\0'.repeat(octets)),
    /** The same for a block: all are equally large. */
    blockOf: (id) => {
      const label = `b${String(id).padStart(10, '0')}`;
      return sized(storeKey('rrset', rrsetKey(nameFromText(`${label}.${label}.`), 1)), blockHead);
    },
    newEntry: (packed, expires) => new Entry(packed, expires),
    storeFor: (policy, maxBytes) =>
      new Store(maxBytes, (onLeaving) => createShelf(policy, { maxBytes, maxEntryBytes, seed }, onLeaving)),
  };
}
