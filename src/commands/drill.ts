/**
 * `vmft drill`: what becomes of a guest when its primary dies, tried out at as many entries of its log as one likes.
 */
import { fileURLToPath } from 'node:url';

import * as Flags from '@oclif/core/flags';

import { VmftCommand } from './options/command.js';
import { guestArgument, guestFlags } from './options/flags.js';

const { until: _until, 'time-limit': _limit, 'pcap-out': _pcap, stats: _stats, ...flags } = guestFlags;

export default class DrillCommand extends VmftCommand {
  static override summary = 'kill the primary of a guest again and again, and prove that nobody outside could notice';
  static override description =
    'Runs the guest as a pair on this machine, kills the primary when the backup has a chosen entry of the log, and lets the backup go live: once with the outputs behind that entry still held back, and once after they have left. What the consoles showed and what the disks hold is then compared with the execution that the log has. Disks with mode=rw are copied for each run. The guest must end by itself. Status 1 where something was lost or contradicted.';
  static override examples = [
    '<%= config.bin %> drill guest.elf',
    '<%= config.bin %> drill guest.elf --every 1',
    '<%= config.bin %> drill guest.elf --disk disk.img,mode=rw --at 17 --at 18',
  ];
  static override args = { guest: guestArgument };
  static override flags = {
    at: Flags.string({
      helpValue: 'N',
      multiple: true,
      multipleNonGreedy: true,
      description: 'kill when the backup has the N-th entry; repeatable',
    }),
    every: Flags.string({
      helpValue: 'N',
      description: 'kill at every N-th entry (ten kills over the run by default)',
    }),
    limit: Flags.string({ helpValue: 'TIME', description: 'a run that takes longer has failed (60s)' }),
    jobs: Flags.string({ helpValue: 'N', description: 'runs at once (one a core)' }),
    ...flags,
  };

  async run(): Promise<void> {
    const { args, flags: given } = await this.parse(DrillCommand);
    const { drillGuest } = await import('./verbs/drill-guest.js');
    const executable = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
    process.exitCode = await drillGuest(args.guest, { ...given, stats: false }, executable);
  }
}
