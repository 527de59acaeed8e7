/** The stores that instances share, as others wrote them: started on loopback of a place, nothing kept on disk. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, mustRun, type Started } from './command.js';
import type { Place } from './internet.js';

/** Redis and what came of it; Valkey only where the system has it. */
export const redisServers = ['redis-server', 'valkey-server'].filter(
  (program) => program === 'redis-server' || existsSync(`/usr/bin/${program}`),
);

let made = 0;
const running: Started[] = [];

/** Those of the story that has ended. */
export async function endStores(): Promise<void> {
  for (const started of running.splice(0)) await started.kill();
}

export class RedisStore {
  #running: Started | undefined;

  private constructor(
    readonly place: Place,
    readonly argv: readonly string[],
    readonly port: number,
    readonly client: readonly string[],
  ) {}

  /** Answers when it resolves. `options` of the server, `client` those that redis-cli needs. */
  static async start(
    place: Place,
    program: string,
    port: number,
    options: readonly string[] = [],
    client: readonly string[] = [],
  ): Promise<RedisStore> {
    const directory = join(place.directory, `store-${made++}`);
    mkdirSync(directory);
    const listen = options.includes('--tls-port') ? ['--port', '0'] : ['--port', String(port)];
    const argv = [program, ...listen, '--dir', directory, '--save', '', '--appendonly', 'no', ...options];
    const store = new RedisStore(place, argv, port, client);
    await store.restart();
    return store;
  }

  async restart(): Promise<void> {
    this.#running = this.place.start(`store-${made++}`, this.argv);
    running.push(this.#running);
    await eventually(
      () => `the store answers; it printed:\n${this.#running?.output()}`,
      async () => (await this.place.run(this.#cli(['PING']))).stdout.includes('PONG'),
    );
  }

  async kill(): Promise<void> {
    await this.#running?.kill();
  }

  /** SIGSTOP leaves it there, connections and all, and has it answer nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#running?.signal(signal);
  }

  async cli(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.place.run(this.#cli(args));
    if (code !== 0) throw new Error(`redis-cli ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** Keys of entries, without those of flushes. */
  async entryKeys(): Promise<string[]> {
    return (await this.cli('--scan')).split('\n').filter((key) => /:[ju]:/.test(key));
  }

  #cli(args: readonly string[]): string[] {
    return ['redis-cli', '-p', String(this.port), ...this.client, ...args];
  }
}

/** Two nodes with half the slots each; they know each other when it resolves. */
export async function startCluster(place: Place, ports: readonly [number, number]): Promise<void> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const [first, second] = await Promise.all(
    ports.map((port) => RedisStore.start(place, 'redis-server', port, options)),
  );
  await first!.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
  await second!.cli('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
  await first!.cli('CLUSTER', 'MEET', '127.0.0.1', String(ports[1]));
  for (const node of [first!, second!]) {
    await eventually('the cluster is whole', async () => (await node.cli('CLUSTER', 'INFO')).includes('state:ok'));
  }
}

export async function startMemcached(place: Place, port: number): Promise<Started> {
  const argv = ['memcached', '-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-U', '0'];
  const started = place.start(`memcached-${made++}`, argv);
  running.push(started);
  await eventually('memcached listens', async () => {
    const { stdout } = await place.run(['ss', '-Hltn', 'sport', '=', `:${port}`]);
    return stdout.includes(String(port));
  });
  return started;
}

/** A certificate for 127.0.0.1 that is its own authority. */
export async function makeCertificate(directory: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(directory, 'store.crt'), join(directory, 'store.key')];
  const subject = ['-subj', '/CN=store', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await mustRun(['openssl', 'req', '-x509', ...made, '-keyout', key, '-out', cert, ...subject]);
  return { cert, key };
}
