/**
 * What an engine has done, told at the end of a run: for people as a table, for programs as JSON.
 */
import { EXIT_CAUSES, type EngineKind, type EngineStatistics } from '../../engine/kinds.js';
import { grouped, percent, sizeText } from './summary-lines.js';

/** Which engine ran, and what it has done. */
export interface EngineWork {
  readonly kind: EngineKind;
  readonly statistics: EngineStatistics;
}

/** A table without a heading, but for the engine's name. */
export function engineLines({ kind, statistics }: EngineWork): string[] {
  const { instructions, seconds, regions, modules, translated, misses, exits } = statistics;
  const started = instructions.interpreter + instructions.translator;
  const whole = seconds === undefined ? 0 : seconds.interpreter + seconds.translator + seconds.translating;
  const time = (name: string, spent: number): string => line(name, `${spent.toFixed(2)} s`, share(spent, whole));
  const exitCount = EXIT_CAUSES.reduce((sum, cause) => sum + exits[cause], 0);
  const { load, store, fetch } = misses;
  return [
    `engine ${kind}`,
    line('interpreted', grouped(instructions.interpreter), share(instructions.interpreter, started)),
    line('translated', grouped(instructions.translator), share(instructions.translator, started)),
    ...(seconds === undefined
      ? []
      : [
          time('interpreter', seconds.interpreter),
          time('translated code', seconds.translator),
          time('translating', seconds.translating),
        ]),
    line('regions', grouped(regions.live), `of ${grouped(regions.made)} made, in ${counted(modules, 'module')}`),
    line('their code', grouped(translated.instructions), `instructions, ${sizeText(translated.bytes)} of WebAssembly`),
    line('TLB misses', grouped(load + store + fetch), list({ load, store, fetch })),
    line('exits', grouped(exitCount), list(exits)),
  ];
}

/** The same for JSON. */
export function engineJson({ kind, statistics }: EngineWork): Record<string, unknown> {
  return { kind, ...statistics };
}

function line(name: string, value: string, rest: string): string {
  return `  ${name.padEnd(15)} ${value.padStart(16)}  ${rest}`.trimEnd();
}

function share(part: number, whole: number): string {
  return whole > 0 ? percent(part / whole).padStart(7) : '';
}

/** What a number is made up of; '' where it is 0. */
function list(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, value]) => value > 0);
  return parts.map(([name, value]) => `${name} ${grouped(value)}`).join(', ');
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
