/**
 * `vmft replay`: rebuilds the execution of a log, and checks every digest and output on the way.
 */
import * as Flags from '@oclif/core/flags';

import { VmftCommand } from './options/command.js';
import {
  diskImageFlag,
  engineFlag,
  guestFlag,
  jsonSummaryFlag,
  logArgument,
  pcapFlag,
  quietFlag,
  statsFlag,
  untilFlag,
} from './options/flags.js';

export default class Replay extends VmftCommand {
  static override summary = 'rebuild the execution of a log, and check it';
  static override description =
    "The guest's console appears on stdout as it did at the recording; what vmft says goes to stderr. The exit status is that with which the guest powered off (255 where it is larger), and 0 where the recording ended before; 70 where guest and log part ways, 65 where the log is damaged or has no end.";
  static override examples = [
    '<%= config.bin %> replay log.pb',
    '<%= config.bin %> replay log.pb --until 1000000',
    '<%= config.bin %> replay log.pb --follow',
    '<%= config.bin %> record guest.elf -o - | <%= config.bin %> replay -',
  ];
  static override args = { log: logArgument };
  static override flags = {
    until: untilFlag,
    guest: guestFlag,
    disk: diskImageFlag,
    follow: Flags.boolean({ description: 'wait for more where a log ends that is still being written' }),
    'pcap-out': pcapFlag,
    engine: engineFlag,
    stats: statsFlag,
    json: jsonSummaryFlag,
    quiet: quietFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Replay);
    const { replayLog } = await import('./verbs/replay-log.js');
    process.exitCode = await replayLog(args.log, {
      ...flags,
      until: flags.until,
      guest: flags.guest,
      disk: flags.disk,
      'pcap-out': flags['pcap-out'],
      engine: flags.engine,
    });
  }
}
