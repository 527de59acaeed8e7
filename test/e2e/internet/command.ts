/** Runs a program to its end and keeps what it printed; starts programs that stay, each in a process group of its own. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds; the program is killed after it and the promise rejects. */
  readonly timeout?: number;
}

/** Resolves whatever the exit code; rejects when the program cannot be started or does not end in time. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const timeout = options.timeout ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      killGroup(child.pid, 'SIGKILL');
      reject(new Error(`\`${argv.join(' ')}\` did not end within ${timeout} ms:\n${stdout}${stderr}`));
    }, timeout);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr });
    });
    // A program that ends without reading what it was given is judged by its exit code.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
  });
}

/** As run(), but anything else than exit code 0 rejects with what was printed. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`\`${argv.join(' ')}\` ended with code ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** A program that stays until it is told to go. */
export class Started {
  readonly pid: number;
  /** Settles when the program has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #running = true;

  constructor(
    readonly name: string,
    argv: readonly string[],
    readonly logFile: string,
    options: Omit<RunOptions, 'input' | 'timeout'> = {},
  ) {
    const log = openSync(logFile, 'a');
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#running = false;
        reject(error);
      });
      child.once('exit', (code, signal) => {
        this.#running = false;
        resolve({ code, signal });
      });
    });
    // Whoever cares awaits it; nobody has to.
    this.ended.catch(() => undefined);
    this.pid = child.pid ?? -1;
  }

  get running(): boolean {
    return this.#running;
  }

  /** What it printed so far. */
  output(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** To the program alone, as a supervisor does. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running) process.kill(this.pid, signal);
  }

  /** Ends it and the processes it started. At once: what the tests stop holds nothing worth keeping. */
  async kill(): Promise<void> {
    killGroup(this.pid, 'SIGKILL');
    await this.ended.catch(() => undefined);
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined || pid <= 0) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: the group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks again every `every` ms until `question` gives something; rejects with `what` after `within` ms. */
export async function eventually<T>(
  what: string | (() => string),
  question: () => Promise<T | undefined | false>,
  { within = 20_000, every = 100 } = {},
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${typeof what === 'string' ? what : what()}`);
    await pause(every);
  }
}

/** Milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
