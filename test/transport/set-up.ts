/** An exchange over real sockets with a clock set by hand, and servers for it; all of it is cleared away by end(). */
import { defaultLimits } from '../../src/config/limits.js';
import { type Libc, loadLibc } from '../../src/native/libc.js';
import type { Exchange, ExchangeQuery } from '../../src/ports/exchange.js';
import type { Log } from '../../src/ports/log.js';
import type { Random } from '../../src/ports/random.js';
import { createExchange } from '../../src/transport/create-exchange.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { type TransportSettings, transportSettings } from '../../src/transport/settings.js';
import type { ServerBehaviour } from '../contract/exchange.js';
import { type LoopbackServer, startLoopbackServer } from '../contract/loopback-server.js';
import { noLog } from '../contract/no-log.js';
import { exampleQuery } from './examples.js';
import { HandClock } from './hand-clock.js';

export interface SetUp {
  readonly clock: HandClock;
  readonly exchange: Exchange;
  server(behaviour: ServerBehaviour, host?: string): Promise<LoopbackServer>;
  end(): Promise<void>;
}

const outcome = await loadLibc();

/** The sockets there are on this system, by name, with what createExchange() takes for them. */
export const bodies: readonly (readonly [string, Libc | undefined])[] =
  outcome.kind === 'there'
    ? [
        ["Node's sockets", undefined],
        ["the system's own sockets", outcome.libc],
      ]
    : [["Node's sockets", undefined]];

/** Settings are the defaults but for those given; chance is real unless given. Asks through Node's sockets unless told. */
export function setUp(
  settings: Partial<TransportSettings> = {},
  random: Random = cryptoRandom,
  libc: Libc | undefined = undefined,
  info: Log['info'] = noLog.info,
): SetUp {
  const clock = new HandClock();
  const servers: LoopbackServer[] = [];
  const exchange = createExchange({
    clock,
    random,
    log: { ...noLog, info },
    libc,
    settings: { ...transportSettings(defaultLimits()), ...settings },
  });
  return {
    clock,
    exchange,
    async server(behaviour, host) {
      const server = await startLoopbackServer(behaviour, host);
      servers.push(server);
      return server;
    },
    async end() {
      clock.advance(exampleQuery.timeout);
      await exchange.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

export function queryTo(server: LoopbackServer, change: Partial<ExchangeQuery> = {}): ExchangeQuery {
  return { ...exampleQuery, server: server.address, ...change };
}
