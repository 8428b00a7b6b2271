/** Drives the built command as users do: as a process. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const executable = join(root, 'bin/run.js');

/** What node is to run, for those who start it themselves. */
export const vmftCommand = executable;

export const guest = (name: string): string => join(root, 'fixtures/guests/prebuilt', name);

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `vmft` with these arguments to its end. */
export function vmft(...args: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, [executable, ...args], {
    encoding: 'utf8',
    input: '',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** A `vmft` that runs beside the test. */
export class Running {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<Answer>;

  constructor(...args: string[]) {
    const [command = '', ...others] = this.command(args);
    this.process = spawn(command, others, {
      stdio: [this.input(), 'pipe', 'pipe'],
      env: { ...process.env, ...this.environment() },
    });
    this.process.stdout?.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.process.stderr?.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.ended = new Promise((resolve) =>
      this.process.on('close', (status) => resolve({ status, stdout: this.stdout, stderr: this.stderr })),
    );
  }

  /** What is started. */
  protected command(args: readonly string[]): string[] {
    return [...this.launcher(), process.execPath, executable, ...args];
  }

  /** What starts it and becomes it, such as `ip netns exec NAME`: here nothing. */
  protected launcher(): readonly string[] {
    return [];
  }

  /** Variables that it sees beside the test's own. */
  protected environment(): Readonly<Record<string, string>> {
    return {};
  }

  /** Where its standard input comes from: here it is at its end. */
  protected input(): 'ignore' | 'pipe' {
    return 'ignore';
  }

  /** Waits until the guest has printed something that matches. */
  prints(pattern: RegExp): Promise<void> {
    return this.shows(() => this.stdout, pattern);
  }

  /** Waits until vmft has said something that matches. */
  tells(pattern: RegExp): Promise<void> {
    return this.shows(() => this.stderr, pattern);
  }

  private async shows(text: () => string, pattern: RegExp): Promise<void> {
    for (let waited = 0; !pattern.test(text()); waited += 20) {
      if (waited > 30_000 || this.process.exitCode !== null) {
        throw new Error(`no ${String(pattern)} in "${this.stdout}", stderr "${this.stderr}"`);
      }
      await pause(20);
    }
  }
}

/** What a test has started and must not outlive it. */
export class Started {
  private readonly all: Running[] = [];

  add<T extends Running>(running: T): T {
    this.all.push(running);
    return running;
  }

  async end(): Promise<void> {
    for (const running of this.all.splice(0)) {
      running.process.kill('SIGKILL');
      await running.ended;
    }
  }
}

/** A `vmft` that may write files of 256 KiB at most. */
export class RunningCramped extends Running {
  protected override command(args: readonly string[]): string[] {
    return ['bash', '-c', 'ulimit -f 256; exec "$@"', 'bash', ...super.command(args)];
  }
}

/** A `vmft` with somebody at its console. */
export class RunningConsole extends Running {
  protected override input(): 'pipe' {
    return 'pipe';
  }

  /** Types each text, a pause before each. */
  async type(texts: readonly string[], milliseconds: number): Promise<void> {
    for (const text of texts) {
      await pause(milliseconds);
      this.process.stdin?.write(text);
    }
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A folder of the test's own, removed by `remove`. */
export function workFolder(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-test-'));
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A port of the loopback that was free just now. */
export function freePort(protocol: 'tcp' | 'udp' = 'tcp'): Promise<number> {
  if (protocol === 'udp') return freeDatagramPort();
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function freeDatagramPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.on('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

export const installed = (command: string): boolean => spawnSync('which', [command]).status === 0;
