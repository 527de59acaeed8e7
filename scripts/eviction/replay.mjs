/** A trace through the store with a policy's shelf, and through the optimum: who was there when it was asked for? */

/** A cache that asks for an entry and stores it on a miss. Uses with `attack` fill the cache and are not counted. */
export function replay(uses, maxBytes, policy, withTtls, dns) {
  const store = dns.storeFor(policy, maxBytes);
  const count = counter();
  for (const { at, object, attack } of uses) {
    const now = withTtls ? Math.floor(at * dns.ticks) : 0;
    const isHit = store.get(object.key, now) !== undefined;
    if (!attack) count.use(object, isHit);
    if (isHit) continue;
    const expires = withTtls ? now + Math.ceil(object.ttl * dns.ticks) : Number.POSITIVE_INFINITY;
    store.set('rrset', object.key, dns.newEntry(object.packed, expires), now);
  }
  return count.figures();
}

/**
 * Belady's MIN: who is needed latest leaves, the newcomer too; who has expired by then is not needed at all. It is the
 * optimum for entries of one size; for different sizes the optimum is NP-hard, and this comes near it.
 */
export function optimum(trace, maxBytes, withTtls) {
  const next = nextUses(trace.uses);
  const held = new Map();
  const heap = new LatestFirst();
  const count = counter();
  let used = 0;
  trace.uses.forEach(({ at, object }, i) => {
    const had = held.get(object);
    const isHit = had !== undefined && (!withTtls || had.expires > at);
    count.use(object, isHit);
    const expires = isHit ? had.expires : withTtls ? at + object.ttl : Number.POSITIVE_INFINITY;
    const isUseful = next[i] < trace.uses.length && (!withTtls || trace.uses[next[i]].at < expires);
    if (had !== undefined) used -= object.size;
    if (had !== undefined) held.delete(object);
    if (!isUseful || object.size > maxBytes) return;
    held.set(object, { expires, next: next[i] });
    heap.push({ object, next: next[i] });
    used += object.size;
    while (used > maxBytes) {
      const latest = heap.pop();
      if (held.get(latest.object)?.next !== latest.next) continue;
      held.delete(latest.object);
      used -= latest.object.size;
    }
  });
  return count.figures();
}

function counter() {
  const sum = { uses: 0, hits: 0, octets: 0, hitOctets: 0, ms: 0, savedMs: 0 };
  return {
    use(object, isHit) {
      sum.uses++;
      sum.octets += object.size;
      sum.ms += object.ms;
      if (!isHit) return;
      sum.hits++;
      sum.hitOctets += object.size;
      sum.savedMs += object.ms;
    },
    figures: () => ({
      hitRatio: sum.hits / sum.uses,
      byteHitRatio: sum.hitOctets / sum.octets,
      savedMs: sum.savedMs,
      savedShare: sum.savedMs / sum.ms,
    }),
  };
}

/** For each use the number of the next use of the same object, or the number of uses. */
function nextUses(uses) {
  const next = new Float64Array(uses.length);
  const seen = new Map();
  for (let i = uses.length - 1; i >= 0; i--) {
    next[i] = seen.get(uses[i].object) ?? uses.length;
    seen.set(uses[i].object, i);
  }
  return next;
}

/** A binary heap; what was changed since stays in it and is passed over when it comes up. */
class LatestFirst {
  #items = [];

  push(item) {
    const items = this.#items;
    let at = items.push(item) - 1;
    for (let up = (at - 1) >> 1; at > 0 && items[up].next < item.next; up = (at - 1) >> 1) {
      items[at] = items[up];
      at = up;
    }
    items[at] = item;
  }

  pop() {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < items.length && items[child + 1].next > items[child].next) child++;
      if (child >= items.length || items[child].next <= last.next) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return first;
  }
}
