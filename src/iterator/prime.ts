/**
 * Priming (RFC 9609): the root's own word on who serves it, asked of the hints, once, and again when it expires.
 * When no root server answers, the hints themselves are used and priming is tried again a little later.
 */

import { isResting } from '../cache/server-book.js';
import { addressFromRdata } from '../dns/address.js';
import type { Delegation, NameServer } from '../dns/delegation.js';
import type { Message } from '../dns/message.js';
import { type DomainName, isAtOrBelow, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import { groupRecords, targetOf } from '../dns/rrset.js';
import type { LookupContext } from '../ports/lookup.js';
import { askServer } from './ask-server.js';
import { chooseServer } from './choose-server.js';
import type { IteratorEnvironment } from './environment.js';
import { ServerAddresses } from './server-addresses.js';
import { ProbeBudget } from './side-budgets.js';
import { cutFromDelegation, type ZoneCut } from './zone-cut.js';

/** Seconds the hints stand in for the root's own word after it could not be had. */
const HINTS_TTL = 10;
/** Priming is nobody's question: ms and exchanges it may take. */
const PRIMING_MS = 1500;
const PRIMING_EXCHANGES = 12;
/** Root servers asked before the hints are used as they are. */
const MAX_PRIMING_SENDS = 6;

/** Makes one primer: questions that come while it asks wait for the same answer. */
export function createPrimer(env: IteratorEnvironment): (context: LookupContext) => Promise<ZoneCut> {
  let underWay: Promise<ZoneCut> | undefined;
  let hintsUntil = 0;
  return (context) => {
    if (hintsUntil > env.clock.now()) return Promise.resolve(hintsCut(env.settings.hints));
    underWay ??= prime(env, { ...context, budget: new ProbeBudget(env.clock, PRIMING_MS, PRIMING_EXCHANGES) })
      .then((cut) => {
        if (cut.kind === 'hints') hintsUntil = env.clock.now() + HINTS_TTL * 1000;
        return cut;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
}

/** What the hints say, as a cut. */
function hintsCut(hints: readonly NameServer[]): ZoneCut {
  return cutFromDelegation({ zone: ROOT, servers: hints, ds: undefined, denial: [], ttl: HINTS_TTL }, 'hints');
}

async function prime(env: IteratorEnvironment, context: LookupContext): Promise<ZoneCut> {
  const hints = hintsCut(env.settings.hints);
  const addresses = new ServerAddresses(env, hints);
  const tried = new Map<string, number>();
  for (let sends = 0; sends < MAX_PRIMING_SENDS; sends++) {
    const candidates = addresses.known
      .filter((server) => !tried.has(server.key))
      .map((server) => {
        const state = env.book.stateOf(server);
        const resting = isResting(state, env.clock.now());
        const familyDown = env.book.familyDown(server.family);
        return { server, srtt: state.srtt, tries: 0, lame: false, resting, due: false, familyDown };
      });
    const chosen = chooseServer(candidates, env.random);
    if (chosen === undefined || context.budget.timeLeft() === 0) break;
    tried.set(chosen.server.key, 1);
    const question = { name: ROOT, type: Type.NS, recursive: false, minimised: false };
    const reply = await askServer(env, chosen.server, question, context, 0);
    if (reply.kind === 'none' && reply.reason === 'budget') break;
    const delegation = reply.kind === 'reply' ? rootFrom(reply.message, env) : undefined;
    if (delegation === undefined || reply.kind !== 'reply') continue;
    env.cache.storeDelegation(delegation, ROOT, delegation.ttl, {
      server: chosen.server.key,
      transport: reply.transport,
      section: 'answer',
      credibility: Credibility.answerAuthoritative,
      askedFor: '. NS',
      costMs: Math.round(reply.rtt),
      costExchanges: sends + 1,
    });
    return cutFromDelegation(delegation, 'referral');
  }
  return hints;
}

/** RFC 9609 §4.2: the NS RRset of the answer and the addresses beside it; hints fill in for names without any. */
function rootFrom(message: Message, env: IteratorEnvironment): Delegation | undefined {
  const ns = groupRecords(message.answer).find((set) => set.type === Type.NS && set.name === ROOT);
  if (ns === undefined || message.rcode !== 0) return undefined;
  const additional = groupRecords(message.additional);
  const servers: NameServer[] = [];
  for (const rdata of ns.rdatas.slice(0, env.settings.maxServers)) {
    const name = targetOf(rdata);
    if (name === undefined || !isAtOrBelow(name, ROOT)) continue;
    const glue = additional.filter((set) => set.name === name && (set.type === Type.A || set.type === Type.AAAA));
    const rdatas = glue.flatMap((set) => set.rdatas.slice(0, env.settings.maxAddresses));
    const found = rdatas.map(addressFromRdata).filter((address) => address !== undefined);
    servers.push({ name, addresses: found.length > 0 ? found : hintsFor(env, name) });
  }
  const usable = servers.some((server) => server.addresses.length > 0);
  return usable ? { zone: ROOT, servers, ds: undefined, denial: [], ttl: ns.ttl } : undefined;
}

function hintsFor(env: IteratorEnvironment, name: DomainName): readonly string[] {
  return env.settings.hints.find((hint) => hint.name === name)?.addresses ?? [];
}
