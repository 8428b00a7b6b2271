/**
 * `vmft diff`: the first instruction at which two executions differ.
 */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { Failure } from '../host/failure.js';
import { VmftCommand } from './options/command.js';
import { diskImageFlag, engineFlag, guestFlag, logArgument } from './options/flags.js';

/** As diff(1) has it. */
const TROUBLE = 2;

export default class Diff extends VmftCommand {
  static override summary = 'find the first instruction at which two runs differ';
  static override description =
    'With two logs both executions are rebuilt and compared; with one, the execution is rebuilt on the interpreter and on the translator, which are compared with each other and with the digests and outputs that were recorded. The report goes to stdout: what differs, where, and because of which entry. The exit status is 0 where the runs are the same, 1 where they differ, 2 for trouble.';
  static override examples = [
    '<%= config.bin %> diff good.pb bad.pb',
    '<%= config.bin %> diff log.pb',
    '<%= config.bin %> diff good.pb bad.pb --json',
    '<%= config.bin %> record guest.elf -o - | <%= config.bin %> diff good.pb -',
  ];
  static override args = {
    log: logArgument,
    other: Args.string({ name: 'other', description: 'another log, or -', required: false, ignoreStdin: true }),
  };
  static override flags = {
    context: Flags.string({ helpValue: 'N', description: 'entries to show before and after the difference (3)' }),
    every: Flags.string({
      helpValue: 'N',
      description:
        'compare at least every N instructions. Of two logs 1 leaves out no position (default: 1 in runs of up to 1048576, 4194304 in longer ones, and always wherever the logs differ); of one log, whose engines run in pieces of at most N, the default is 4096, and 4194304 behind position 1048576',
    }),
    force: Flags.boolean({
      description: 'compare also runs of different guests or machines; one log also to a run of another --guest',
    }),
    engine: {
      ...engineFlag,
      description:
        'what executes both logs (auto by default), or what is compared with the interpreter where there is one log (translator by default; with interpreter one log is only checked against what was recorded)',
    },
    guest: guestFlag,
    disk: diskImageFlag,
    json: Flags.boolean({ description: 'the report as one line of JSON, on stdout' }),
    quiet: Flags.boolean({ char: 'q', description: 'no progress' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diff);
    const { diffLogs } = await import('./verbs/diff-logs.js');
    const logs = args.other === undefined ? [args.log] : [args.log, args.other];
    process.exitCode = await diffLogs(logs, {
      ...flags,
      context: flags.context,
      every: flags.every,
      engine: flags.engine,
      guest: flags.guest,
      disk: flags.disk,
    });
  }

  /** Whatever fails is trouble. */
  protected override async catch(error: unknown): Promise<never> {
    const failure = await super.catch(error).catch((reason: unknown) => reason);
    if (!(failure instanceof Failure)) throw failure;
    const { Words } = await import('./output/words.js');
    const words = await Words.open(false);
    words.warn(failure.message);
    if (process.env['DEBUG']) words.lines([failure.stack ?? '']);
    return this.exit(TROUBLE);
  }
}
