/**
 * A cable between a backup and its primary, to be cut: a relay of streams. Cut, it keeps both connections and passes nothing
 * on, as a network does that loses everything; broken, it closes them.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

let cables = 0;

export class Cable {
  /** Bytes that a backup was given on the connection made last. */
  passed = 0;
  /** Called when more of them are about to be given to it. */
  onPassing: (bytes: number) => void = () => undefined;
  private whole = true;
  private readonly ends = new Set<Socket>();

  /** Leads from `path`, where a backup calls, to `primary`: Unix sockets. */
  static open(primary: string): Promise<Cable> {
    const server = createServer();
    const path = `${primary}-cable-${String(cables++)}`;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve(new Cable(path, primary, server)));
    });
  }

  private constructor(
    readonly path: string,
    primary: string,
    private readonly server: Server,
  ) {
    server.on('connection', (backup) => this.join(backup, connect(primary)));
  }

  /** Loses all that comes from now on, without a word. */
  cut(): void {
    this.whole = false;
  }

  /** Closes the connections. */
  break(): void {
    for (const end of this.ends) end.destroy();
  }

  close(): void {
    this.break();
    this.server.close();
  }

  private join(backup: Socket, primary: Socket): void {
    this.passed = 0;
    const pass = (from: Socket, to: Socket, tell: (bytes: number) => void): void => {
      this.ends.add(from);
      from.on('data', (bytes) => {
        if (!this.whole) return;
        tell(bytes.length);
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('error', () => undefined);
      from.on('close', () => {
        this.ends.delete(from);
        if (this.whole) to.destroySoon();
      });
    };
    pass(backup, primary, () => undefined);
    pass(primary, backup, (bytes) => {
      this.passed += bytes;
      this.onPassing(bytes);
    });
  }
}
