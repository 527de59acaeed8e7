/** Unbound in the client's namespace: walking by itself, or handing everything to rootwalk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type Started } from './command.js';
import { dig } from './dig.js';
import type { Internet } from './internet.js';
import { copyOfProgram } from './name-servers.js';
import { rootServers } from './zones.js';

export const UNBOUND_PORT = 5399;

/** Resolves when it answers. `forwardTo` is "address@port"; without it Unbound walks from the root itself. */
export async function startUnbound(internet: Internet, forwardTo?: string): Promise<Started> {
  const directory = join(internet.directory, 'unbound');
  mkdirSync(directory, { recursive: true });
  const hints = join(directory, 'root.hints');
  writeFileSync(
    hints,
    rootServers
      .map(([l, ipv4, ipv6]) => {
        const name = `${l}.root-servers.net.`;
        return `. 3600000 NS ${name}\n${name} 3600000 A ${ipv4}\n${name} 3600000 AAAA ${ipv6}\n`;
      })
      .join(''),
  );
  const forward = `forward-zone:\n  name: "."\n  forward-addr: ${forwardTo}\n`;
  const config = `server:
  interface: 127.0.0.1@${UNBOUND_PORT}
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: "${directory}/unbound.pid"
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  root-hints: "${hints}"
remote-control:
  control-enable: no
${forwardTo === undefined ? '' : forward}`;
  writeFileSync(join(directory, 'unbound.conf'), config);
  const program = await copyOfProgram('unbound', directory);
  const started = internet.client.start('unbound', [program, '-d', '-c', join(directory, 'unbound.conf')]);
  await eventually(
    () => `Unbound answers; it printed:\n${started.output()}`,
    async () => {
      const reply = await dig(internet.client, 'localhost A', { port: UNBOUND_PORT }).catch(() => undefined);
      return reply?.status === 'NOERROR';
    },
  );
  return started;
}
