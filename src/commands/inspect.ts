/**
 * `vmft inspect`: what is in a log.
 */
import * as Flags from '@oclif/core/flags';

import { VmftCommand } from './options/command.js';
import { logArgument } from './options/flags.js';

export default class Inspect extends VmftCommand {
  static override summary = 'show the entries of a log, or count them';
  static override description =
    'The header comes first, then one line an entry: position, type, data. Types are time, tick, entropy, packet, console (input), size (of the terminal), disk (completions), output, digest and end. All goes to stdout. The exit status is 65 where the log is damaged or has no end, behind all that could be read.';
  static override examples = [
    '<%= config.bin %> inspect log.pb',
    '<%= config.bin %> inspect log.pb --stats',
    '<%= config.bin %> inspect log.pb --type packet,output --from 1000000 --to 2000000',
    '<%= config.bin %> inspect log.pb --json | jq -c \'select(.type == "tick")\'',
  ];
  static override args = { log: logArgument };
  static override flags = {
    json: Flags.boolean({ description: 'one line of JSON for the header, and for each entry; data in hex' }),
    stats: Flags.boolean({ description: 'entries and bytes by cause, in place of the entries' }),
    type: Flags.string({ helpValue: 'LIST', description: 'only entries of these types, separated by commas' }),
    from: Flags.string({ helpValue: 'N', description: 'only entries from position N on' }),
    to: Flags.string({ helpValue: 'N', description: 'only entries up to position N' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Inspect);
    const { inspectLog } = await import('./verbs/inspect-log.js');
    await inspectLog(args.log, { ...flags, type: flags.type, from: flags.from, to: flags.to });
  }
}
