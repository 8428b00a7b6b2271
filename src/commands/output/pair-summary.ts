/**
 * What a pair has done, for people and for programs.
 */
import type { Waits } from '../../pair/output-gate.js';
import type { PairCounts } from '../../pair/primary.js';
import { grouped, sizeText } from './summary-lines.js';

export interface PairWork {
  readonly counts: PairCounts;
  readonly waits: Waits;
}

export function pairLines({ counts, waits }: PairWork): string[] {
  if (counts.backups === 0) return ['pair            no backup has joined'];
  const { backups, pause, lag, sent } = counts;
  return [
    `pair            ${grouped(backups)} ${backups === 1 ? 'backup' : 'backups'}, ${sizeText(sent)} of log sent`,
    `  state         sent with a pause of ${pause.toFixed(1)} ms at most`,
    `  outputs       ${grouped(waits.count)} waited for the backup, ${waits.median.toFixed(2)} ms in the median, ${waits.worst.toFixed(1)} ms at most`,
    `  lag           ${lag.toFixed(1)} ms at most`,
  ];
}

export function pairJson({ counts, waits }: PairWork): Record<string, number> {
  const { backups, pause, lag, sent } = counts;
  return {
    backups,
    bytesSent: sent,
    pauseMs: Number(pause.toFixed(3)),
    lagMs: Number(lag.toFixed(3)),
    outputs: waits.count,
    outputMedianMs: Number(waits.median.toFixed(4)),
    outputWorstMs: Number(waits.worst.toFixed(4)),
  };
}
