/**
 * The options that both sides of a pair have, as oclif shows them in the help.
 */
import * as Flags from '@oclif/core/flags';

export const pairFlags = {
  arbiter: Flags.string({
    helpValue: 'file:DIR|etcd:URL',
    description:
      "who decides which side goes on when they lose each other: files in DIR, which both must see (the default, in the directory of the first disk that is written to, or, on one machine, in that of temporary files), or etcd (v3); a backup takes the primary's by default",
  }),
  timeout: Flags.string({
    helpValue: 'TIME',
    description: 'silence after which the other side counts as dead (2s); a closed channel does at once',
  }),
  'lag-limit': Flags.string({
    helpValue: 'TIME',
    description: 'how far the backup may be behind before the guest is slowed (1s)',
  }),
  'tls-cert': Flags.string({ helpValue: 'FILE', description: 'certificate for the channel (PEM)' }),
  'tls-key': Flags.string({ helpValue: 'FILE', description: 'its key (PEM)' }),
  'tls-ca': Flags.string({ helpValue: 'FILE', description: "the pair's own authority (PEM): no other side is taken" }),
  output: Flags.string({ char: 'o', helpValue: 'FILE', description: 'keep the log in FILE, as vmft record does' }),
  force: Flags.boolean({ char: 'f', description: 'overwrite a log that exists' }),
};
