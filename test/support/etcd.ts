/** A real etcd of one member, as a process of the test's own: killed, frozen and started again at will. */
import { spawn, type ChildProcess } from 'node:child_process';
import { freePort, pause } from './vmft.js';

export class Etcd {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly peerPort: number,
    private readonly host: string,
  ) {}

  /** Starts it with its data in `folder`, for those who call `host`, and waits until it serves. */
  static async start(folder: string, host = '127.0.0.1'): Promise<Etcd> {
    const etcd = new Etcd(folder, await freePort(), await freePort(), host);
    await etcd.start();
    return etcd;
  }

  get url(): string {
    return this.urlAt('127.0.0.1');
  }

  urlAt(host: string): string {
    return `http://${host}:${String(this.port)}`;
  }

  /** Again, at the same place, with what it had on its disk; nothing happens where it runs. */
  async start(): Promise<void> {
    if (this.process !== undefined) return;
    const peer = `http://127.0.0.1:${String(this.peerPort)}`;
    this.process = spawn(
      'etcd',
      [
        ...['--name', 'one', '--data-dir', this.folder, '--log-level', 'error'],
        ...['--listen-client-urls', this.urlAt(this.host), '--advertise-client-urls', this.url],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `one=${peer}`],
      ],
      { stdio: 'ignore' },
    );
    for (let waited = 0; !(await this.healthy()); waited += 20) {
      if (waited > 20_000 || this.process.exitCode !== null) throw new Error('etcd does not serve');
      await pause(20);
    }
  }

  private async healthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false;
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.kill(signal);
  }

  async kill(): Promise<void> {
    const process = this.process;
    this.process = undefined;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill('SIGKILL');
    await gone;
  }
}
