/**
 * What may stand behind the options of the command line: one zod schema a kind of value, and one sentence for whatever
 * does not fit. zod is loaded by the first option that is given: commands start without it.
 */
import type { ZodMiniType } from 'zod/mini';

import { ENGINE_KINDS, type EngineKind } from '../../engine/kinds.js';
import { UsageFailure } from '../../host/failure.js';
import { MEMORY } from '../../machine/configuration.js';
import type * as Schemas from './schemas.js';

/** How a value is read, and what messages say it may be. */
export interface FlagValue<T> {
  readonly takes: string;
  readonly schema: (zod: typeof Schemas) => ZodMiniType<T, string>;
}

const KIB = 1024;
const SIZE_UNITS = { K: KIB, M: KIB ** 2, G: KIB ** 3 } as const;
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** The longest time that a timer of the host can wait: 2^31 - 1 ms. */
const LONGEST = 2 ** 31 - 1;

/** RAM in bytes: `128M`, `1G`, `65536K`, `134217728`. */
export const memorySize: FlagValue<number> = {
  takes: 'a size from 1M to 3G that is a multiple of 4K, as 128M',
  schema: (zod) =>
    parsed(
      zod,
      /^\d{1,10}[KMG]?$/i,
      (text) => {
        const unit = text.at(-1)?.toUpperCase() as keyof typeof SIZE_UNITS;
        return Number.parseInt(text, 10) * (SIZE_UNITS[unit] ?? 1);
      },
      [zod.minimum(MEMORY.minimum), zod.maximum(MEMORY.maximum), zod.multipleOf(MEMORY.step)],
    ),
};

/** A position: instructions since reset. */
export const position: FlagValue<number> = wholeNumber(0, Number.MAX_SAFE_INTEGER);

/** A duration in milliseconds: `500ms`, `10s`, `2m`, `1h`, `1.5s`; a bare number counts seconds. */
export const duration: FlagValue<number> = {
  takes: 'a time from 1ms to 596h, as 500ms, 10s or 2m',
  schema: (zod) =>
    parsed(
      zod,
      /^\d{1,10}(\.\d{1,9})?(ms|s|m|h)?$/,
      (text) => {
        const unit = /[a-z]+$/.exec(text)?.[0] as keyof typeof MILLISECONDS | undefined;
        return Number.parseFloat(text) * MILLISECONDS[unit ?? 's'];
      },
      [zod.minimum(1), zod.maximum(LONGEST)],
    ),
};

export const clockName = oneOf('host', 'virtual');

export const engineKind: FlagValue<EngineKind> = oneOf(...ENGINE_KINDS);

/** One of some names. */
export function oneOf<T extends string>(...names: readonly [T, T, ...T[]]): FlagValue<T> {
  return {
    takes: `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`,
    schema: (zod) => zod.enum(names),
  };
}

/** A whole number in decimal digits. */
export function wholeNumber(minimum: number, maximum: number): FlagValue<number> {
  return {
    takes: `a whole number from ${minimum} to ${maximum}`,
    schema: (zod) => parsed(zod, /^\d{1,16}$/, Number, [zod.minimum(minimum), zod.maximum(maximum)]),
  };
}

/** Names out of a set, separated by commas. */
export function namesOf<T extends string>(names: readonly T[]): FlagValue<ReadonlySet<T>> {
  const known = new Set<string>(names);
  return {
    takes: `one or more of ${names.join(', ')}, separated by commas`,
    schema: ({ pipe, refine, string, transform }) =>
      pipe(
        pipe(
          string(),
          transform((text: string): ReadonlySet<string> => new Set(text.split(',').map((name) => name.trim()))),
        ).check(refine((set) => [...set].every((name) => known.has(name)))),
        transform((set: ReadonlySet<string>) => set as ReadonlySet<T>),
      ),
  };
}

/** A text of this form, and the number it stands for, where that passes the checks. */
function parsed(
  { number, pipe, regex, string, transform }: typeof Schemas,
  form: RegExp,
  read: (text: string) => number,
  checks: Parameters<ReturnType<typeof number>['check']>,
): ZodMiniType<number, string> {
  return pipe(pipe(string().check(regex(form)), transform(read)), number().check(...checks));
}

/** Reads the value of `--name`; undefined where it was not given. Throws UsageFailure with what the option takes. */
export async function readFlag<T>(name: string, text: string | undefined, value: FlagValue<T>): Promise<T | undefined> {
  if (text === undefined) return undefined;
  const result = value.schema(await import('./schemas.js')).safeParse(text);
  if (result.success) return result.data;
  throw new UsageFailure(`--${name} takes ${value.takes}, not "${text}".`);
}
