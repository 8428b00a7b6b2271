/**
 * Lines of a report: tables, sentences broken into lines, and bytes as text, all within the width of a screen.
 */
import { hex } from '../log/text.js';

/** Columns of a report. */
const WIDTH = 100;

/** A sentence in lines that fit. */
export function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** A line that fits, cut where it did not. */
export function cut(line: string, width = WIDTH): string {
  return line.length <= width ? line : `${line.slice(0, width - 3)}...`;
}

/** Rows in columns, indented. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) => cut(`  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd()));
}

/** Bytes as pairs of hexadecimal digits, at most `most` of them. */
export function bytePairs(bytes: Uint8Array, most: number): string {
  const text = hex(bytes.subarray(0, most)).replace(/(..)(?=.)/g, '$1 ');
  return bytes.length > most ? `${text} ...` : text || 'none';
}

/** Counts with their noun: `one entry`, `3 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `one ${one}` : `${count} ${many}`;
}
