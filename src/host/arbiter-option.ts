/**
 * The `--arbiter` option: where the two sides of a pair decide which of them goes on.
 */
import * as z from 'zod';

import type { Arbiter } from '../pair/arbiter.js';
import { EtcdArbiter } from './etcd-arbiter.js';
import { UsageFailure } from './failure.js';
import { FileArbiter } from './file-arbiter.js';

export type ArbiterOption =
  | { readonly kind: 'file'; readonly directory: string }
  /** Servers of one cluster. */
  | { readonly kind: 'etcd'; readonly urls: readonly string[] };

const FORMS = 'file:DIR or etcd:URL[,URL]';

const url = z.string().transform((text, context): string => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return refuse(`"${text}" is not an http:// or https:// URL`);
  }
  const parts = new URL(text);
  if (parts.username !== '' || parts.password !== '') return refuse('etcd is asked without a password');
  if (parts.search !== '' || parts.hash !== '') return refuse(`"${text}" has more than a server and a path`);
  return parts.href.replace(/\/+$/, '');
});

const directory = z
  .string()
  .min(1, 'the directory is missing')
  .refine((text) => !text.includes('\0'), 'no directory has a zero byte in its name');

/** Reads one `--arbiter` value. Throws UsageFailure with one sentence that says what is wrong. */
export function parseArbiter(text: string): ArbiterOption {
  const [, kind, rest = ''] = /^(file|etcd):(.*)$/s.exec(text) ?? [];
  if (kind === 'file') return { kind, directory: checked(text, directory, rest) };
  if (kind === 'etcd') return { kind, urls: checked(text, z.array(url), rest.split(',')) };
  throw new UsageFailure(`--arbiter ${text} is not an arbiter: use ${FORMS}.`);
}

/** Throws a Failure where a directory is not there or may not be written. etcd is asked at the first claim only. */
export function openArbiter(option: ArbiterOption): Arbiter {
  return option.kind === 'file' ? FileArbiter.open(option.directory) : new EtcdArbiter(option.urls);
}

function checked<T>(text: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UsageFailure(`--arbiter ${text}: ${result.error.issues[0]?.message ?? 'not understood'}: use ${FORMS}.`);
}
