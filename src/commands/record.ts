/**
 * `vmft record`: a guest as the primary, with its log written.
 */
import * as Flags from '@oclif/core/flags';

import { beginReading } from './guests/guest-reading.js';
import { VmftCommand } from './options/command.js';
import { guestArgument, guestFlags } from './options/flags.js';

export default class Record extends VmftCommand {
  static override summary = 'run a guest and write its log';
  static override description =
    "The guest's console is stdin and stdout (stderr with -o -, where stdout is the log); on a terminal Ctrl-A x ends the recording, with a whole log, Ctrl-A h helps, and all other keys go to the guest. The summary goes to stderr. The exit status is the guest's (255 where it is larger), 0 at --until, 124 at --time-limit, 128 and its number for a signal; 64 to 78 mean that vmft failed. With --clock virtual and --entropy seed:HEX two recordings of a guest without other input are the same file.";
  static override examples = [
    '<%= config.bin %> record guest.elf',
    '<%= config.bin %> record guest.elf -o run1.pb --time-limit 10s',
    '<%= config.bin %> record vmlinuz --initrd initrd.gz --append console=ttyS0 --memory 512M',
    '<%= config.bin %> record guest.elf -o - | <%= config.bin %> replay -',
    '<%= config.bin %> record guest.elf --clock virtual --entropy seed:2a',
  ];
  static override args = { guest: guestArgument };
  static override flags = {
    ...guestFlags,
    output: Flags.string({ char: 'o', helpValue: 'FILE', default: 'log.pb', description: 'the log, or - for stdout' }),
    force: Flags.boolean({ char: 'f', description: 'overwrite a log that exists' }),
    embed: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'keep the guest in the log; without it only its name and SHA-256',
    }),
    'digest-every': Flags.string({
      helpValue: 'N',
      description: 'record a digest of the state every N instructions (2^28 by default; 0: none)',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Record);
    const reading = beginReading({ kernel: args.guest, firmware: flags.firmware, initrd: flags.initrd });
    const { recordGuest } = await import('./verbs/record-guest.js');
    process.exitCode = await recordGuest(
      reading,
      { ...flags, net: flags.net, disk: flags.disk, engine: flags.engine },
      `vmft ${this.config.version}`,
    );
  }
}
