/**
 * `vmft backup`: follows a primary's guest, instruction by instruction, and goes live when the primary dies.
 */
import * as Flags from '@oclif/core/flags';

import { VmftCommand } from './options/command.js';
import { engineFlag, jsonSummaryFlag, quietFlag, statsFlag } from './options/flags.js';
import { pairFlags } from './pair/pair-flags.js';

export default class BackupCommand extends VmftCommand {
  static override summary = "follow a primary's guest, and take it over when the primary dies";
  static override description =
    "Takes over the state of the guest at the primary that --connect names, while it runs, and then rebuilds its execution from the log. When the primary dies or falls silent it asks the arbiter, consumes what it has of the log, takes the guest's disks, networks and console over, and awaits the next backup itself. Networks and disks are the primary's where they are not named here. Status 75: the primary lives on without this backup; 69: it cannot be reached or does not take it.";
  static override examples = [
    '<%= config.bin %> backup --connect /run/pair.socket',
    '<%= config.bin %> backup --connect 10.0.0.1:7000 --listen 0.0.0.0:7000 --disk /mnt/shared/disk.img --tls-cert b.pem --tls-key b.key --tls-ca pair.pem',
    '<%= config.bin %> backup --connect 127.0.0.1:7000 --fence "ssh 10.0.0.9 power-off node1"',
  ];
  static override flags = {
    connect: Flags.string({
      helpValue: 'ADDRESS',
      required: true,
      description: "the primary's address: HOST:PORT or /PATH of a Unix socket",
    }),
    listen: Flags.string({
      helpValue: 'ADDRESS',
      description: 'where to await the next backup after going live (the address of --connect)',
    }),
    net: Flags.string({
      helpValue: 'SPEC',
      multiple: true,
      multipleNonGreedy: true,
      description: "a network to take over, in the order of the guest's devices, where it is not the primary's",
    }),
    disk: Flags.string({
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
      description: "a disk, in the order of the guest's, where it is not at the primary's path",
    }),
    fence: Flags.string({
      helpValue: 'COMMAND',
      description:
        'run by sh before going live, again until it succeeds: makes sure that the old primary is off (VMFT_RUN and VMFT_EPOCH are set)',
    }),
    'stdin-eof': Flags.string({
      helpValue: 'ignore|ctrl-d',
      description: 'what the guest gets at the end of a standard input that is no terminal, after going live',
    }),
    ...pairFlags,
    engine: engineFlag,
    stats: statsFlag,
    json: jsonSummaryFlag,
    quiet: quietFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(BackupCommand);
    const { backupGuest } = await import('./verbs/backup-guest.js');
    process.exitCode = await backupGuest(flags, `vmft ${this.config.version}`);
  }
}
