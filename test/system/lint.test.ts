/** The linter's two rules of the house, tried with code that breaks them. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = `
  import { ESLint } from 'eslint';
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const eslint = new ESLint();
  const answers = [];
  for (const [filePath, code] of JSON.parse(input)) {
    const [{ messages }] = await eslint.lintText(code, { filePath });
    answers.push(messages.map((message) => message.ruleId ?? message.message));
  }
  console.log(JSON.stringify(answers));
`;

const IMPORT = '@typescript-eslint/no-restricted-imports';
const cases: [file: string, code: string, rule: string | undefined][] = [
  ['src/machine/machine.ts', `export const x = Date.now();`, 'no-restricted-globals'],
  ['src/hart/hart.ts', `export const x = performance.now();`, 'no-restricted-globals'],
  ['src/hart/hart.ts', `export const x = Math.random();`, 'no-restricted-properties'],
  ['src/hart/hart.ts', `const { random } = Math; export const x = random();`, 'no-restricted-properties'],
  ['src/engine/engine.ts', `setTimeout(() => undefined, 1);`, 'no-restricted-globals'],
  ['src/engine/engine.ts', `globalThis.setTimeout(() => undefined, 1);`, 'no-restricted-globals'],
  ['src/engine/engine.ts', `export const x = crypto.randomUUID();`, 'no-restricted-globals'],
  ['src/engine/engine.ts', `export const x = process.pid;`, 'no-restricted-globals'],
  ['src/log/writer.ts', `import { readFileSync } from 'node:fs'; export const x = readFileSync;`, IMPORT],
  ['src/log/writer.ts', `import { crc32 } from 'node:zlib'; export const x = crc32;`, IMPORT],
  ['src/log/compress.ts', `import { crc32 } from 'node:zlib'; export const x = crc32;`, undefined],
  ['src/log/compress.ts', `import { connect } from 'net'; export const x = connect;`, IMPORT],
  ['src/machine/machine.ts', `export const x = import('node:net');`, 'no-restricted-syntax'],
  ['src/machine/machine.ts', `import type { Stats } from 'node:fs'; export type X = Stats;`, undefined],
  ['src/host/live.ts', `export const x = Date.now();`, undefined],
  ['src/main.ts', `export const x = Date.now();`, undefined],
  ['src/isa/decode.ts', `import type { Hart } from '../hart/hart.js'; export type X = Hart;`, IMPORT],
  ['src/hart/hart.ts', `import type { Decoded } from '../isa/instruction.js'; export type X = Decoded;`, undefined],
  ['src/hart/hart.ts', `import { Engine } from '../engine/engine.js'; export const x = Engine;`, IMPORT],
  ['src/machine/machine.ts', `import type { Entry } from '../log/entry.js'; export type X = Entry;`, IMPORT],
  ['src/log/writer.ts', `import type { Input } from '../machine/environment.js'; export type X = Input;`, IMPORT],
  ['src/machine/devices/uart.ts', `import { Live } from '../../host/live.js'; export const x = Live;`, IMPORT],
  ['src/host/live.ts', `import type { Need } from '../machine/environment.js'; export type X = Need;`, undefined],
  ['src/host/live.ts', `import { Machine } from '../machine/machine.js'; export const x = Machine;`, IMPORT],
  ['src/host/live.ts', `import { ArbiterAway } from '../pair/arbiter.js'; export const x = ArbiterAway;`, IMPORT],
  [
    'src/host/file-arbiter.ts',
    `import { ArbiterAway } from '../pair/arbiter.js'; export const x = ArbiterAway;`,
    undefined,
  ],
  ['src/host/file-arbiter.ts', `import { Machine } from '../machine/machine.js'; export const x = Machine;`, IMPORT],
  ['src/host/live.ts', `import { main } from '../main.js'; export const x = main;`, IMPORT],
];

it('finds every breach, and nothing where there is none', () => {
  const input = JSON.stringify(cases.map(([file, code]) => [file, code]));
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  const answers = JSON.parse(output) as string[][];
  const found = cases.map(([file, code], i) => [
    file,
    code,
    (answers[i] ?? []).find((rule) => rule.includes('restricted')),
  ]);
  expect(found).toEqual(cases.map(([file, code, rule]) => [file, code, rule]));
});
