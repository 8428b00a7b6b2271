/** Runs the built command under bash, as users write it: `$VMFT record $G/hello.elf -o - | $VMFT replay -`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stderr. */
  readonly words: string[];
}

/** A folder in which scripts run, with $VMFT the command and $G the prebuilt guests. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'vmft-command-'));

  /** Runs a script of bash; its standard input is `input`. */
  run(script: string, input = ''): Outcome {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: this.folder,
      input,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 1 << 26,
      env: {
        ...process.env,
        VMFT: `${process.execPath} ${join(root, 'bin/run.js')}`,
        G: join(root, 'fixtures/guests/prebuilt'),
        // As a user's shell has it, and not as Jest does.
        NODE_ENV: '',
        NODE_OPTIONS: '',
        DEBUG: '',
      },
    });
    return { status, stdout, stderr, words: stderr.split('\n').filter((line) => line !== '') };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The last line of stderr, as the JSON that it is. */
export function summaryOf({ words }: Outcome): Record<string, unknown> {
  return JSON.parse(words.at(-1) ?? 'null') as Record<string, unknown>;
}
