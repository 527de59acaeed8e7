/** Does the simulated network keep the contract of the Exchange port? Scenarios are worth what this says. */
import { type ServerAddress, serverAddress } from '../../src/dns/address.js';
import type { Message } from '../../src/dns/message.js';
import { Rcode } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import type { ExchangeOutcome, ExchangeQuery } from '../../src/ports/exchange.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { SimNetwork } from '../sim/network.js';
import { describeExchange, type ExchangeSetting, type ServerBehaviour } from './exchange.js';

type Mutate = (reply: Message, query: ExchangeQuery) => Message | ExchangeOutcome | undefined;

const answer: Mutate = (reply, query) => ({
  ...reply,
  rcode: Rcode.NOERROR,
  cd: query.checkingDisabled,
  answer: [{ name: query.name, type: 1, class: 1, ttl: 60, rdata: octetsFrom(192, 0, 2, 1) }],
});

const truncated: Mutate = (reply, query) =>
  query.transport === 'udp' ? { ...reply, rcode: Rcode.NOERROR, tc: true, answer: [] } : answer(reply, query);

const behaviours: Partial<Record<ServerBehaviour, Mutate>> = {
  answers: answer,
  silent: () => undefined,
  'closed port': () => ({ kind: 'unreachable', scope: 'server', reason: 'connection refused' }),
  garbage: (_reply, query) =>
    query.transport === 'udp'
      ? { kind: 'timeout', waited: query.timeout }
      : { kind: 'malformed', reason: 'not a DNS message' },
  malformed: () => ({ kind: 'malformed', reason: 'half a record' }),
  truncates: truncated,
  'truncates inside a record': truncated,
  'bare error': (reply) => ({ ...reply, rcode: Rcode.FORMERR, questions: [], answer: [], edns: undefined }),
};

/** Octets, IDs and frames do not exist here, so what goes wrong with them cannot. */
const WITHOUT: ServerBehaviour[] = [
  'garbage',
  'wrong replies then right',
  'wrong ids',
  'lower-cases the question',
  'bare success',
  'splits tcp frames',
  'closes tcp after one answer',
  'answers in reverse',
  'answers another question',
];

async function simulatedSetting(): Promise<ExchangeSetting> {
  const exchange = new SimNetwork(systemClock);
  let next = 1;
  return {
    exchange,
    async server(behaviour): Promise<ServerAddress> {
      const address = `192.0.2.${next++}`;
      exchange.server(address).mutate = behaviours[behaviour];
      return serverAddress(address, 53);
    },
    async stop() {
      await exchange.close();
    },
  };
}

describeExchange('the exchange over the simulated network', simulatedSetting, WITHOUT);
