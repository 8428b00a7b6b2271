/**
 * The fast floating-point functions in a module of their own, with a loop around each of them that works off a table of
 * requests in memory.
 */

import { declareFloat, FLOAT_OPERATIONS, floatSlow } from '../../src/engine/float.js';
import { ModuleBuilder, type FunctionRef, type Local } from '../../src/engine/wasm/builder.js';
import { I32, I64, OP } from '../../src/engine/wasm/opcodes.js';
import { HART } from '../../src/hart/layout.js';
import type { FloatOperation } from '../../src/isa/semantics.js';

const PAGES = 160;
const TABLE = 0x1_0000;

/** A request: u32 rounding mode, u32 flags beforehand, u64 a, b, c; answered by u64 result, u32 flags afterwards. */
export const REQUEST = { rounding: 0, before: 4, a: 8, b: 16, c: 24, result: 32, after: 40, bytes: 48 } as const;
export const MAX_REQUESTS = ((PAGES * 0x1_0000 - TABLE) / REQUEST.bytes) | 0;

export interface FloatBench {
  readonly words: Uint32Array;
  readonly patterns: BigUint64Array;
  /** Works off the first `count` requests; answers how often the slow path was asked. */
  run(operation: FloatOperation, count: number): number;
}

export function operandCount(operation: FloatOperation): number {
  if (operation.startsWith('madd')) return 3;
  return /^(sqrt|class|cvt)/.test(operation) ? 1 : 2;
}

function declareLoop(module: ModuleBuilder, callee: FunctionRef, operands: number): FunctionRef {
  return module.function([I32], [], (f) => {
    const [count] = f.parameters as [Local];
    const at = f.local(I32);
    f.i32(TABLE).set(at);
    f.loop((again) => {
      f.i32(0).get(at).memory(OP.i32Load, REQUEST.before).memory(OP.i32Store, HART.fflags);
      f.get(at).get(at).memory(OP.i32Load, REQUEST.rounding);
      for (let i = 0; i < operands; i++) f.get(at).memory(OP.i64Load, REQUEST.a + 8 * i);
      f.call(callee).memory(OP.i64Store, REQUEST.result);
      f.get(at).i32(0).memory(OP.i32Load, HART.fflags).memory(OP.i32Store, REQUEST.after);
      f.get(at).i32(REQUEST.bytes).op(OP.i32Add).set(at);
      f.get(count).i32(1).op(OP.i32Sub).tee(count).brIf(again);
    });
  });
}

export function makeFloatBench(): FloatBench {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const module = new ModuleBuilder();
  module.importMemory('hart', 'memory');
  const slow = module.importFunction('hart', 'floatSlow', [I32, I32, I64, I64, I64], [I64]);
  const functions = declareFloat(module, slow);
  for (const operation of FLOAT_OPERATIONS) {
    const callee = functions.get(operation) as FunctionRef;
    module.exportFunction(operation, declareLoop(module, callee, operandCount(operation)));
  }

  const answer = floatSlow(memory);
  let asked = 0;
  const floatSlowCounted: typeof answer = (...request) => {
    asked++;
    return answer(...request);
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish()), {
    hart: { memory, floatSlow: floatSlowCounted },
  });
  return {
    words: new Uint32Array(memory.buffer, TABLE),
    patterns: new BigUint64Array(memory.buffer, TABLE),
    run(operation, count) {
      asked = 0;
      (exports[operation] as (count: number) => void)(count);
      return asked;
    },
  };
}
