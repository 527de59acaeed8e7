/** Do real sockets keep the contract of the Exchange port? On loopback, against servers that misbehave. */
import { defaultLimits } from '../../src/config/limits.js';
import { createExchange } from '../../src/transport/create-exchange.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { transportSettings } from '../../src/transport/settings.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { describeExchange, type ExchangeSetting } from './exchange.js';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.js';
import { noLog } from './no-log.js';

async function loopbackSetting(): Promise<ExchangeSetting> {
  const servers: LoopbackServer[] = [];
  const exchange = createExchange({
    clock: systemClock,
    random: cryptoRandom,
    log: noLog,
    settings: transportSettings(defaultLimits()),
  });
  return {
    exchange,
    async server(behaviour) {
      const server = await startLoopbackServer(behaviour);
      servers.push(server);
      return server.address;
    },
    async stop() {
      await exchange.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

describeExchange('the exchange over real sockets', loopbackSetting);
