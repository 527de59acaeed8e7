/** The built program as its users run it: a config file, `serve`, dig at it, the CLI and curl beside it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { StatsSnapshot } from '../../../src/ports/inspection.js';
import { eventually, type Finished, type RunOptions, type Started } from './command.js';
import { type DigOptions, type DigReply, dig } from './dig.js';
import type { Place } from './internet.js';

export const projectRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const cli = [process.execPath, join(projectRoot, 'dist', 'cli.js')] as const;

const HTTP_PORT = 8053;

export type Config = Readonly<Record<string, unknown>>;

/** Built-in hints, both families, DNSSEC off: the zones here are not signed. */
export const plainConfig = {
  listen: ['127.0.0.1:5300', '[::1]:5300'],
  http: { listen: `127.0.0.1:${HTTP_PORT}` },
  dnssec: { mode: 'off' },
  log: { level: 'info' },
} as const;

let made = 0;

/** The token of the HTTP endpoint is left in a runtime directory; that of the user who runs the tests is not ours. */
export function ownFiles(place: Place): Record<string, string> {
  return { XDG_RUNTIME_DIR: place.directory };
}

export class Rootwalk {
  private constructor(
    readonly place: Place,
    readonly process: Started,
    readonly configFile: string,
    readonly address: string,
  ) {}

  /**
   * Resolves when /healthz answers. `wrap` goes before the command line: a launcher and its arguments. `address` is for
   * one beside another, which the commands reach: of 127.0.0.0/8.
   */
  static async start(
    place: Place,
    config: Config = {},
    options: { readonly wrap?: readonly string[]; readonly address?: string } = {},
  ): Promise<Rootwalk> {
    const configFile = join(place.directory, `rootwalk-${made}.yaml`);
    const { address = '127.0.0.1' } = options;
    const own = { listen: [`${address}:5300`], http: { listen: `${address}:${HTTP_PORT}` } };
    writeConfig(configFile, options.address === undefined ? config : { ...own, ...config });
    const argv = [...(options.wrap ?? []), ...cli, 'serve', '--config', configFile];
    const started = place.start(`rootwalk-${made++}`, argv, { env: ownFiles(place) });
    const rootwalk = new Rootwalk(place, started, configFile, address);
    await eventually(
      () => `rootwalk is healthy; it printed:\n${started.output()}`,
      async () => {
        if (!started.running) throw new Error(`rootwalk ended at once:\n${started.output()}`);
        return (await rootwalk.curl('/healthz')).code === 0;
      },
    );
    return rootwalk;
  }

  rewriteConfig(config: Config): void {
    writeConfig(this.configFile, config);
  }

  dig(query: string, options: DigOptions = {}): Promise<DigReply> {
    return dig(this.place, query, { server: this.address, ...options });
  }

  kdig(query: string, options: DigOptions = {}): Promise<DigReply> {
    return dig(this.place, query, { server: this.address, ...options, tool: 'kdig' });
  }

  curl(path: string): Promise<Finished> {
    return this.place.run(['curl', '-sS', '--fail', '--max-time', '10', `http://${this.address}:${HTTP_PORT}${path}`]);
  }

  /** A `rootwalk` command, in the same namespace; JSON of its standard output. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli(args);
    if (code !== 0) throw new Error(`\`rootwalk ${args.join(' ')}\` ended with code ${code}:\n${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  cli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.place.run([...cli, ...args], { ...options, env: { ...ownFiles(this.place), ...options.env } });
  }

  async stats(): Promise<StatsSnapshot> {
    const { code, stdout, stderr } = await this.curl('/stats');
    if (code !== 0) throw new Error(`GET /stats: ${stderr}`);
    return JSON.parse(stdout) as StatsSnapshot;
  }

  /** Tells it to go and waits; the exit code. */
  async stop(): Promise<number | null> {
    this.process.signal('SIGTERM');
    return (await this.process.ended).code;
  }
}

function writeConfig(file: string, config: Config): void {
  if (!existsSync(cli[1])) throw new Error('dist/cli.js is missing: run the stories with `npm run test:e2e`');
  writeFileSync(file, stringify({ ...plainConfig, ...config }));
}

/** A line of /proc/PID/status, "Uid:" for example, as its columns. */
export function statusOf(pid: number | string, key: string): string[] {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${key}:`));
  return (line ?? '').split(/\s+/).slice(1);
}
