/**
 * Addresses of a zone's servers from their parents' side, for when the ordinary ones led nowhere: glue that a delegation
 * of the server's own zone holds while that zone now says otherwise, and glue the referral left out, asked of the parent
 * by name. Not stored: it serves one question.
 */

import { addressFromRdata } from '../dns/address.js';
import type { NameServer } from '../dns/delegation.js';
import { type DomainName, isAtOrBelow, nameToText, parentOf } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { LookupContext } from '../ports/lookup.js';
import { askZone, type UsefulStep } from './ask-zone.js';
import type { IteratorEnvironment } from './environment.js';
import { glueOf, MAX_NS_ALIASES } from './server-addresses.js';
import { closestCut, type ZoneCut } from './zone-cut.js';

/** The cut with those addresses in place of all others; undefined when there are none that were not known before. */
export async function lastResort(
  env: IteratorEnvironment,
  cut: ZoneCut,
  context: LookupContext,
): Promise<ZoneCut | undefined> {
  if (cut.kind !== 'referral') return undefined;
  const servers: NameServer[] = [];
  for (const server of cut.servers) {
    const addresses = glueElsewhere(env, cut, server) ?? (await glueFromParent(env, cut, server, context));
    const fresh = addresses.filter((address) => !server.addresses.includes(address));
    if (fresh.length > 0) servers.push({ name: server.name, addresses: fresh });
  }
  return servers.length === 0 ? undefined : { ...cut, servers };
}

/** What the delegation of the zone that the server's name is in says of it, and that zone itself does not. */
function glueElsewhere(env: IteratorEnvironment, cut: ZoneCut, server: NameServer): readonly string[] | undefined {
  if (isAtOrBelow(server.name, cut.zone)) return undefined;
  const own = [Type.A, Type.AAAA].flatMap((type) => knownAddresses(env, server.name, type));
  // Without addresses of its own the glue was what server-addresses.ts had.
  if (own.length === 0) return [];
  return glueOf(env, server.name).filter((address) => !own.includes(address));
}

function knownAddresses(env: IteratorEnvironment, name: DomainName, type: number): string[] {
  const known = env.lookup.known(name, type);
  const finding = known?.kind === 'found' ? known.finding : undefined;
  return finding?.kind === 'answer' ? finding.rrset.rdatas.map(addressFromRdata).filter((a) => a !== undefined) : [];
}

/** A server inside the zone it serves can only be found through the zone above. */
async function glueFromParent(
  env: IteratorEnvironment,
  cut: ZoneCut,
  server: NameServer,
  context: LookupContext,
): Promise<readonly string[]> {
  const above = parentOf(cut.zone);
  const parent = above && closestCut(above, Type.A, env.cache, env.configured);
  if (parent === undefined || server.addresses.length > 0 || !context.budget.charge('nsLookups')) return [];
  const type = env.settings.ipv4 ? Type.A : Type.AAAA;
  let name: DomainName = server.name;
  for (let hops = 0; hops <= MAX_NS_ALIASES; hops++) {
    context.trace?.({ kind: 'lookup', name: nameToText(name), type: 'A', because: 'glue its referral left out' });
    const reply = await askZone(env, parent, { name, type, recursive: false, minimised: false }, context);
    if (reply.kind !== 'step') return [];
    const { step } = reply;
    if (step.kind !== 'alias' || step.end !== undefined) return addressesIn(step, name);
    name = step.chain[step.chain.length - 1]!.target;
    if (!isAtOrBelow(name, parent.zone)) return [];
  }
  return [];
}

function addressesIn(step: UsefulStep, name: DomainName): string[] {
  if (step.kind === 'referral') {
    return [...(step.delegation.servers.find((server) => server.name === name)?.addresses ?? [])];
  }
  const answer = step.kind === 'alias' ? step.end : step.finding.kind === 'answer' ? step.finding : undefined;
  return (answer?.rrset.rdatas ?? []).map(addressFromRdata).filter((address) => address !== undefined);
}
