/**
 * CacheFlush (USENIX Security 2024) and its like: between the questions of a benign trace an attacker asks for what fills
 * the cache. Each question of his is new, so each is stored.
 */
import { uniform } from './draws.mjs';

export const ATTACKS = {
  /** One zone whose answers are as large as an entry may be: NS and TXT sets, proofs. */
  'large records': { domains: 1, octets: (u) => 4000 + Math.floor(56_000 * u) },
  /** One zone, alias after alias: mid-sized entries, four for each question. */
  'alias chains': { domains: 1, octets: () => 250, times: 4 },
  /** Names made up below one domain, each denied. */
  'random subdomains': { domains: 1, octets: () => 100 },
  /** The same below ten domains, so that no one of them is large. */
  'ten domains': { domains: 10, octets: () => 100 },
};

/**
 * The uses of the trace with the attacker's between them, made as they are needed: there are gigabytes of them.
 * @param perQuestion questions of the attacker for each benign one
 */
export function* underAttack(trace, attackName, perQuestion, seed, dns) {
  const attack = ATTACKS[attackName];
  let due = 0;
  let made = 0;
  for (const use of trace.uses) {
    yield use;
    for (due += perQuestion * (attack.times ?? 1); due >= 1; due--) {
      yield { at: use.at, object: attackerObject(attack, made++, seed, dns), attack: true };
    }
  }
}

function attackerObject({ domains, octets }, n, seed, dns) {
  const u = uniform(seed, 'attack', String(n));
  const owner = dns.nameOrUndefined(`x${n}-${Math.floor(u * 1e9).toString(36)}.evil${n % domains}.example.`);
  // Slow on purpose: what is costly to fetch is worth keeping.
  const cost = { ms: 1500, exchanges: 3 };
  const made = dns.entryOf({ owner, type: 1, question: `x${n} a`, cost, octets: octets(u) });
  return { ...made, ms: cost.ms, ttl: 86_400 };
}
