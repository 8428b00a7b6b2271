/** The sides: an image run by QEMU's `virt` board, and by each engine of this project's machine. */
import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineKind } from '../../src/engine/kinds.js';
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import type { Environment } from '../../src/machine/environment.js';
import { Machine, type Outcome } from '../../src/machine/machine.js';
import { RAM_BASE, RAM_BYTES, RESULTS } from './layout.js';
import type { Image } from './image.js';

/**
 * What this hart has, and nothing more. There are two of them, the second parked: alone, QEMU would do an AMO as a load and
 * a store, with a load's exceptions.
 */
const CPU =
  'rv64,h=false,zba=true,zbb=true,zbc=false,zbs=true,sstc=true,pmp=true,mmu=true,svinval=false,svnapot=false,' +
  'svpbmt=false,v=false,Zfh=false,Zfhmin=false,pmu-num=0';
const QEMU_SECONDS = 120;
/** More than any image needs. */
const MOST_INSTRUCTIONS = 1e9;

/** QEMU, its RAM a file that outlives it. */
export class Qemu {
  // A file in memory, where there is such a thing.
  private readonly folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'vmft-differential-'));
  private readonly file = join(this.folder, 'ram');

  /** The results area. */
  async run(image: Image): Promise<Uint8Array> {
    const descriptor = openSync(this.file, 'w+');
    try {
      ftruncateSync(descriptor, 0);
      ftruncateSync(descriptor, RAM_BYTES);
      writeSync(descriptor, image.bytes(), 0, undefined, 0);
      await this.execute();
      const results = new Uint8Array(image.resultBytes);
      readSync(descriptor, results, 0, results.length, RESULTS - RAM_BASE);
      return results;
    } finally {
      closeSync(descriptor);
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private execute(): Promise<void> {
    const memory = `memory-backend-file,id=ram,size=${RAM_BYTES},mem-path=${this.file},share=on`;
    const board = ['-machine', 'virt,memory-backend=ram', '-cpu', CPU, '-smp', '2', '-accel', 'tcg,thread=multi'];
    const boot = ['-m', `${RAM_BYTES / 2 ** 20}M`, '-bios', 'none'];
    const quiet = ['-nodefaults', '-display', 'none', '-serial', 'none', '-monitor', 'none'];
    const child = spawn('qemu-system-riscv64', ['-object', memory, ...board, ...boot, ...quiet], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const alarm = setTimeout(() => child.kill('SIGKILL'), QEMU_SECONDS * 1000);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => {
        clearTimeout(alarm);
        if (status === 0) resolve();
        else if (signal === 'SIGKILL') reject(new Error(`QEMU has not ended in ${QEMU_SECONDS} seconds`));
        else reject(new Error(`QEMU ended with ${status ?? signal}: ${said.trim()}`));
      });
    });
  }
}

const configuration: MachineConfiguration = {
  memoryBytes: RAM_BYTES,
  clock: 'virtual',
  rngSeed: new Uint8Array(32),
  wallClockBase: 0n,
  devices: [],
  commandLine: '',
};

const environment: Environment = {
  nextStop: () => Infinity,
  takeInputs: () => [],
  readTime: () => 0,
  readEntropy: (_position, length) => new Uint8Array(length),
  emit: () => undefined,
};

/** This project's machine. */
export class Own {
  /** Instructions by the tier that executed them, the monitor's among them, since it was asked last. */
  private tiers = { interpreter: 0, translator: 0 };

  constructor(readonly engine: EngineKind) {}

  /** The results area. */
  run(image: Image): Uint8Array {
    const machine = new Machine(configuration, { kind: 'flat', data: image.bytes() }, environment, this.engine);
    let outcome: Outcome;
    do outcome = machine.advance(MOST_INSTRUCTIONS);
    while (outcome === 'stopped');
    if (outcome !== 'off')
      throw new Error(`the ${this.engine} did not end: ${outcome} at pc 0x${machine.hart.pc.toString(16)}`);
    const { interpreter, translator } = machine.engineStatistics().instructions;
    this.tiers.interpreter += interpreter;
    this.tiers.translator += translator;
    return machine.ram.slice(RESULTS - RAM_BASE, RESULTS - RAM_BASE + image.resultBytes);
  }

  /** The share of translated code in what was executed since this was asked last: 0 to 1. */
  takeTranslated(): number {
    const { interpreter, translator } = this.tiers;
    this.tiers = { interpreter: 0, translator: 0 };
    return translator / Math.max(1, interpreter + translator);
  }
}
