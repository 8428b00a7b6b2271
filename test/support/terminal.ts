/** A program on a terminal of its own, which script(1) of util-linux makes: its keys, its screen and its size. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { pause } from './vmft.js';

const hasProgram = (name: string): boolean => spawnSync(name, ['--version']).status === 0;
export const hasTerminals = hasProgram('script') && hasProgram('perl');

/** Sets a terminal's size in one step: stty sets columns and rows one after the other, and both are seen. */
const SET_SIZE = 'ioctl(STDIN, 0x5414, pack("S4", @ARGV, 0, 0)) or die "TIOCSWINSZ: $!"';

/** Quotes a word for the shell. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export class Terminal {
  private readonly process: ChildProcess;
  /** All that was shown. */
  screen = '';
  readonly ended: Promise<number | null>;

  /** @param note a file that the terminal's name is written to */
  constructor(
    command: readonly string[],
    private readonly note: string,
    columns = 80,
    rows = 24,
  ) {
    const line = `tty > ${quoted(note)}; stty cols ${columns} rows ${rows}; exec ${command.map(quoted).join(' ')}`;
    this.process = spawn('script', ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.process.stdout?.on('data', (data: Buffer) => (this.screen += data.toString()));
    this.ended = new Promise((resolve) => this.process.on('close', resolve));
  }

  type(keys: string): void {
    if (keys !== '') this.process.stdin?.write(keys);
  }

  /** Types, and waits until what is shown from then on matches; answers that. */
  async answer(keys: string, pattern: RegExp, seconds = 60): Promise<string> {
    const from = this.screen.length;
    this.type(keys);
    for (let waited = 0; !pattern.test(this.screen.slice(from)); waited += 20) {
      if (waited > seconds * 1000 || this.process.exitCode !== null) {
        throw new Error(`no ${String(pattern)} in ${JSON.stringify(this.screen.slice(from))}`);
      }
      await pause(20);
    }
    return this.screen.slice(from);
  }

  resize(columns: number, rows: number): void {
    const name = readFileSync(this.note, 'utf8').trim();
    const terminal = openSync(name, constants.O_RDWR | constants.O_NOCTTY);
    const set = spawnSync('perl', ['-e', SET_SIZE, `${rows}`, `${columns}`], { stdio: [terminal, 'ignore', 'pipe'] });
    closeSync(terminal);
    if (set.status !== 0) throw new Error(String(set.stderr));
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }
}
