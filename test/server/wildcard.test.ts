/** Who is warned of replies from the wrong address? */
import { expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { wildcardWarning } from '../../src/server/wildcard.js';

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4', internal });
const v6 = (address: string, scopeid = 0) => ({ address, family: 'IPv6', internal: false, scopeid });
const interfaces = {
  lo: [v4('127.0.0.1', true), v4('127.0.0.2', true)],
  eth0: [v4('192.0.2.1'), v6('2001:db8::1'), v6('fe80::1', 2)],
  eth1: [v4('198.51.100.1'), v6('fe80::2', 3)],
};

it('a wildcard address with several addresses behind it: consequence and way out', () => {
  const warning = wildcardWarning(serverAddress('0.0.0.0', 53), interfaces);
  expect(warning).toMatch(/^0\.0\.0\.0:53: .*clients drop those.*192\.0\.2\.1, 198\.51\.100\.1.*under "listen"/);
});

it.each([['192.0.2.1'], ['127.0.0.1'], ['::']])('nothing to warn of: %s', (address) => {
  expect(wildcardWarning(serverAddress(address, 53), interfaces)).toBeUndefined();
});
