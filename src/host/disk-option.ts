/**
 * The `--disk` option: which image a disk starts from, and what becomes of what the guest writes.
 */
import * as z from 'zod';

import { UsageFailure } from './failure.js';

export interface DiskOption {
  readonly path: string;
  /** `snapshot`: the image stays as it is; `rw`: the guest writes to it. */
  readonly mode: 'snapshot' | 'rw';
  /** The guest cannot write. */
  readonly readOnly: boolean;
  /** A log holds what the guest reads, so that a replay does not need the image. */
  readonly logReads: boolean;
}

const FORM = 'FILE[,mode=snapshot|rw][,log-reads][,ro]';

const settings = z.strictObject({
  mode: z.enum(['snapshot', 'rw'], 'mode is snapshot or rw').default('snapshot'),
  'log-reads': z.literal('').optional(),
  ro: z.literal('').optional(),
});

/** Reads one `--disk` value. Throws UsageFailure with one sentence that says what is wrong. */
export function parseDisk(text: string): DiskOption {
  // The name of a file may have a comma in it: settings are what stands behind it and looks like one.
  const parts = text.split(',');
  const given: Record<string, string> = {};
  for (
    let last = parts.at(-1) ?? '';
    parts.length > 1 && /^(mode=.*|log-reads|ro)$/.test(last);
    last = parts.at(-1) ?? ''
  ) {
    const [name = '', value = ''] = last.split('=');
    if (Object.hasOwn(given, name)) throw new UsageFailure(`--disk ${text}: ${name} is given twice.`);
    given[name] = value;
    parts.pop();
  }
  const path = parts.join(',');
  if (path === '' || path === '-') throw new UsageFailure(`--disk ${text} names no file: say ${FORM}.`);
  const result = settings.safeParse(given);
  if (!result.success)
    throw new UsageFailure(`--disk ${text}: ${result.error.issues[0]?.message ?? 'not understood'}.`);
  const { mode } = result.data;
  const readOnly = result.data.ro !== undefined;
  if (readOnly && mode === 'rw') {
    throw new UsageFailure(`--disk ${text}: with ro nothing is written to the image, leave out mode=rw.`);
  }
  return { path, mode, readOnly, logReads: mode === 'rw' || result.data['log-reads'] !== undefined };
}
