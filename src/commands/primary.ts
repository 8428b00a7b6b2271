/**
 * `vmft primary`: a guest that survives the death of its hypervisor, with `vmft backup` beside it.
 */
import * as Flags from '@oclif/core/flags';

import { beginReading } from './guests/guest-reading.js';
import { VmftCommand } from './options/command.js';
import { guestArgument, guestFlags } from './options/flags.js';
import { pairFlags } from './pair/pair-flags.js';

export default class PrimaryCommand extends VmftCommand {
  static override summary = 'run a guest that a backup can take over';
  static override description =
    'Runs the guest and sends what it is given to the backup that joins (vmft backup), at any time. While there is a backup, packets, console output, disk writes and power-off leave only when the backup has the log up to them. A lost backup is replaced by the next that calls; a primary that another has taken over from ends with status 75. The channel is for one machine unless TLS is configured.';
  static override examples = [
    '<%= config.bin %> primary guest.elf --listen /run/pair.socket',
    '<%= config.bin %> primary vmlinuz --initrd initrd.gz --disk disk.img,mode=rw --net stream:/run/passt.socket --listen 127.0.0.1:7000',
    '<%= config.bin %> primary guest.elf --listen 0.0.0.0:7000 --arbiter etcd:http://10.0.0.9:2379 --tls-cert a.pem --tls-key a.key --tls-ca pair.pem',
  ];
  static override args = { guest: guestArgument };
  static override flags = {
    listen: Flags.string({
      helpValue: 'ADDRESS',
      required: true,
      description: 'where backups call: HOST:PORT or /PATH of a Unix socket',
    }),
    wait: Flags.boolean({ description: 'start the guest when the first backup has joined' }),
    ...guestFlags,
    ...pairFlags,
    'digest-every': Flags.string({
      helpValue: 'N',
      description: 'have the backup check a digest of the state every N instructions (2^28 by default; 0: none)',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PrimaryCommand);
    const reading = beginReading({ kernel: args.guest, firmware: flags.firmware, initrd: flags.initrd });
    const { primaryGuest } = await import('./verbs/primary-guest.js');
    process.exitCode = await primaryGuest(reading, flags, `vmft ${this.config.version}`);
  }
}
