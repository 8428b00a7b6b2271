/** passt, which gives a guest the host's network by a Unix socket, without privileges: as a process of the test's own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { pause } from './vmft.js';

export class Passt {
  private constructor(
    private readonly process: ChildProcess,
    readonly socket: string,
  ) {}

  /**
   * Starts it, and waits until it listens on `socket`.
   * @param ports of the host's loopback, and the guest's ports behind them
   */
  static async start(socket: string, ports: Readonly<Record<number, number>>): Promise<Passt> {
    rmSync(socket, { force: true });
    const forwarded = Object.entries(ports).map(([host, guest]) => `${host}:${guest}`);
    // It drops root's rights where it has them, and could not make its socket in a folder of root's then.
    const owner = process.getuid?.() === 0 ? ['--runas', '0'] : [];
    const tcp = ['-t', `127.0.0.1/${forwarded.join(',')}`];
    const child = spawn('passt', ['-f', '-q', ...owner, '-s', socket, ...tcp], { stdio: 'ignore' });
    for (let waited = 0; !existsSync(socket); waited += 20) {
      if (waited > 10_000 || child.exitCode !== null) throw new Error(`passt does not listen on ${socket}`);
      await pause(20);
    }
    return new Passt(child, socket);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('close', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}
