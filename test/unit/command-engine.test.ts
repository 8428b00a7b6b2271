/** Which engine runs is the user's choice, and nothing that guest, log and replay can tell: the commands as processes. */
import { readFileSync } from 'node:fs';

import { ENGINE_KINDS, EXIT_CAUSES, type EngineKind, type EngineStatistics } from '../../src/engine/kinds.js';
import { engineLines } from '../../src/commands/output/engine-summary.js';
import { summaryOf, Workshop } from './command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

type Told = EngineStatistics & { readonly kind: EngineKind };

const told = (summary: Record<string, unknown>): Told => summary['engine'] as Told;

describe('a log', () => {
  const FIXED = '--clock virtual --entropy seed:2a --digest-every 1000';

  it('is the same file whichever engine recorded it', () => {
    for (const guest of ['dice', 'paging']) {
      for (const engine of ENGINE_KINDS) {
        const recorded = shop.run(
          `$VMFT record $G/${guest}.elf -q ${FIXED} --engine ${engine} -o ${guest}.${engine}.pb`,
        );
        expect(recorded).toMatchObject({ status: 0, stderr: '' });
      }
      const [first, ...others] = ENGINE_KINDS.map((engine) => readFileSync(shop.path(`${guest}.${engine}.pb`)));
      for (const other of others) expect(other.equals(first)).toBe(true);
    }
  });

  it.each<[EngineKind, EngineKind]>([
    ['interpreter', 'translator'],
    ['translator', 'interpreter'],
    ['auto', 'interpreter'],
  ])('of %s replays on %s', (recorder, engine) => {
    const log = `shell.${recorder}.pb`;
    const typed = 'help\nsum 4\nexit 7\n';
    const recorded = shop.run(`$VMFT record $G/shell.elf -q --engine ${recorder} --digest-every 500 -o ${log}`, typed);
    expect(recorded.status).toBe(7);
    const replayed = shop.run(`$VMFT replay ${log} --json --engine ${engine}`);
    expect(replayed).toMatchObject({ status: 7, stdout: recorded.stdout });
    expect(summaryOf(replayed)).toMatchObject({ ended: 'whole' });
    expect(summaryOf(replayed)['digests']).toBeGreaterThan(10);
  });

  it('is compared on two engines, or checked on one', () => {
    const alike = shop.run('$VMFT diff dice.auto.pb');
    expect(alike).toMatchObject({ status: 0, stderr: '' });
    expect(alike.stdout).toMatch(
      /^dice\.auto\.pb replays as it was recorded, .* digests agree\.\nIt is the same on interpreter and translator, which were compared every 4 096 instructions\.\n$/,
    );
    const auto = shop.run('$VMFT diff dice.auto.pb --engine auto --every 100 --json');
    expect(JSON.parse(auto.stdout)).toMatchObject({ outcome: 'same', engines: ['interpreter', 'auto'], every: 100 });
    const alone = shop.run('$VMFT diff dice.auto.pb --engine interpreter');
    expect(alone.stdout).toMatch(/^dice\.auto\.pb replays as it was recorded, .* digests agree\.\n$/);
  });

  it('is compared with another on the engine that is named', () => {
    const { status, stdout } = shop.run('$VMFT diff dice.auto.pb dice.interpreter.pb --engine translator');
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/^The runs are the same/) });
  });

  it('that says what no engine does is told of as from one', () => {
    const { status, stdout } = shop.run(
      '$VMFT diff dice.auto.pb --force --guest $G/hello.elf --json; $VMFT diff dice.auto.pb --force --guest $G/hello.elf',
    );
    expect(status).toBe(1);
    const [line = '', ...text] = stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({ outcome: 'diverged', engines: ['interpreter', 'translator'] });
    expect(text.join('\n')).toMatch(/^It is the same on interpreter and translator\.$/m);
  });
});

describe('another name', () => {
  it.each([
    ['run $G/hello.elf', 64],
    ['record $G/hello.elf', 64],
    ['replay dice.auto.pb', 64],
    ['diff dice.auto.pb', 2],
  ])('%s: refused in one sentence', (command, expected) => {
    const { status, stdout, words } = shop.run(`$VMFT ${command} --engine jit`);
    expect({ status, stdout, words }).toEqual({
      status: expected,
      stdout: '',
      words: ['vmft: --engine takes interpreter, translator or auto, not "jit".'],
    });
  });
});

describe('--stats', () => {
  it('tells what the engine did, after all else, quiet or not', () => {
    for (const quiet of ['', '-q']) {
      const { stdout, words } = shop.run(`$VMFT run $G/dice.elf ${quiet} --stats --engine interpreter`);
      expect(stdout).not.toBe('');
      const [pace = '', name, interpreted, ...rest] = words;
      const instructions = /^([\d ]+) instructions in [\d.]+ s \([\d.]+ MIPS\)$/.exec(pace)?.[1] ?? '';
      expect(name).toBe('engine interpreter');
      expect(interpreted).toMatch(new RegExp(`^  interpreted +${instructions}  100\\.0 %$`));
      expect(rest.map((line) => line.slice(2, 18).trim())).toEqual([
        ...['translated', 'interpreter', 'translated code', 'translating'],
        ...['regions', 'their code', 'TLB misses', 'exits'],
      ]);
    }
    expect(shop.run('$VMFT run $G/dice.elf').stderr).toBe('');
  });

  it('is in the JSON of run, record and replay, and adds up', () => {
    const commands: [EngineKind, string][] = [
      ['interpreter', 'run $G/dice.elf'],
      ['translator', 'record $G/dice.elf -f -o stats.pb'],
      ['auto', 'replay stats.pb'],
    ];
    for (const [engine, command] of commands) {
      const summary = summaryOf(shop.run(`$VMFT ${command} --json --stats --engine ${engine}`));
      const { kind, instructions, regions, exits, seconds } = told(summary);
      expect(kind).toBe(engine);
      const { interpreter = -1, translator = -1, translating = -1 } = seconds ?? {};
      expect(Math.min(interpreter, translator, translating)).toBeGreaterThanOrEqual(0);
      if (engine === 'interpreter') expect(interpreter).toBeGreaterThan(0);
      if (engine === 'translator') expect(translating).toBeGreaterThan(0);
      expect(instructions.interpreter + instructions.translator).toBe(summary['instructions']);
      expect(regions.live).toBeLessThanOrEqual(regions.made);
      expect(Object.keys(exits)).toEqual([...EXIT_CAUSES]);
      if (engine === 'interpreter') {
        expect({ instructions, regions }).toMatchObject({ instructions: { translator: 0 }, regions: { made: 0 } });
      }
    }
    expect(summaryOf(shop.run('$VMFT run $G/dice.elf --json'))).not.toHaveProperty('engine');
  });

  it('follows the summaries of record and replay', () => {
    const recorded = shop.run('$VMFT record $G/dice.elf -f -o stats.pb --stats');
    expect(recorded.stderr).toMatch(/^ {2}total .*\nengine auto\n {2}interpreted /m);
    const replayed = shop.run('$VMFT replay stats.pb --stats');
    expect(replayed.stderr).toMatch(/^The guest powered off with status 0\.\nengine auto\n {2}interpreted /m);
  });

  it('shows shares, times and causes', () => {
    const statistics = {
      instructions: { interpreter: 1_000_000, translator: 9_000_000 },
      regions: { live: 12, made: 1300 },
      modules: 1,
      translated: { instructions: 45_678, bytes: 1_234_567 },
      misses: { load: 1000, store: 0, fetch: 20 },
      exits: { jump: 5, memory: 0, system: 7, float: 0, budget: 1 },
    };
    const seconds = { interpreter: 0.25, translator: 0.5, translating: 0.25 };
    expect(engineLines({ kind: 'auto', statistics: { ...statistics, seconds } })).toEqual([
      'engine auto',
      '  interpreted            1 000 000   10.0 %',
      '  translated             9 000 000   90.0 %',
      '  interpreter               0.25 s   25.0 %',
      '  translated code           0.50 s   50.0 %',
      '  translating               0.25 s   25.0 %',
      '  regions                       12  of 1 300 made, in 1 module',
      '  their code                45 678  instructions, 1.23 MB of WebAssembly',
      '  TLB misses                 1 020  load 1 000, fetch 20',
      '  exits                         13  jump 5, system 7, budget 1',
    ]);
    expect(engineLines({ kind: 'auto', statistics })).toHaveLength(7);
  });
});
