/** Do real sockets, Node's and the system's own, keep the contract of the Exchange port? On loopback, against servers that misbehave. */
import { defaultLimits } from '../../src/config/limits.js';
import { type Libc, loadLibc } from '../../src/native/libc.js';
import { createExchange } from '../../src/transport/create-exchange.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import { transportSettings } from '../../src/transport/settings.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { describeExchange, type ExchangeSetting } from './exchange.js';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.js';
import { noLog } from './no-log.js';

async function loopbackSetting(libc: Libc | undefined): Promise<ExchangeSetting> {
  const servers: LoopbackServer[] = [];
  const exchange = createExchange({
    clock: systemClock,
    random: cryptoRandom,
    log: noLog,
    libc,
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

describeExchange("the exchange over Node's sockets", () => loopbackSetting(undefined));

const outcome = await loadLibc();
// Elsewhere than on Linux there is no such body.
if (outcome.kind === 'there') {
  describeExchange("the exchange over the system's own sockets", () => loopbackSetting(outcome.libc));
}
