/**
 * What a region is to be made of: the instructions that execution reaches from some roots without leaving known code,
 * as basic blocks, in an order that WebAssembly's structured control flow can express.
 *
 * Offsets are in bytes from the start of the region's first page.
 */
import type { Decoded } from '../isa/instruction.js';
import { outlineOf, type Flow } from '../isa/outline.js';
import { isSupervisorCsr } from './supervisor-csr.js';
import { weakTopologicalOrder, type Component } from './weak-order.js';

/** Guest code as a planner sees it. */
export interface CodeSource {
  /**
   * The instruction at an offset; undefined where the region may not go: an illegal word, code that was never executed,
   * or a page that the region must not have.
   */
  at(offset: number): Decoded | undefined;
}

export interface PlacedInstruction {
  readonly offset: number;
  readonly decoded: Decoded;
}

export interface Block {
  readonly start: number;
  /** Those that are executed here: one that is the hart's to execute is not among them. */
  readonly instructions: readonly PlacedInstruction[];
  /** How the last instruction goes on. `hart`: in front of an instruction that is not translated. */
  readonly flow: Flow;
  /** Behind the last instruction; for `hart`, the instruction that is the hart's. */
  readonly next: number;
  /** Of a branch or relative jump. */
  readonly target: number;
  /** It has set a link register: execution is expected to come back behind it. */
  readonly calls: boolean;
}

export interface Plan {
  readonly blocks: readonly Block[];
  /** Numbers of blocks, nested by loops. */
  readonly order: readonly Component[];
  /** Blocks at which the region can be entered; the roots first. */
  readonly entries: readonly number[];
  readonly instructions: number;
}

/** How far a plan goes. */
export interface PlanLimits {
  readonly instructions: number;
}

interface Known {
  readonly decoded: Decoded;
  readonly flow: Flow;
}

interface Stretch {
  readonly instructions: readonly PlacedInstruction[];
  readonly flow: Flow;
  readonly next: number;
}

/** Whether an instruction that jumps leaves the address behind it in a link register. */
const links = (decoded: Decoded): boolean => decoded.instruction.operands.rd === 'x' && decoded.rd !== 0;

/** Compilers return by ra or the alternate link register. */
export const isReturn = ({ rd, rs1 }: Decoded): boolean => rd === 0 && (rs1 === 1 || rs1 === 5);

class Planner {
  /** Instructions by offset, with their flows. */
  private readonly known = new Map<number, Known>();
  /** Where blocks begin. */
  private readonly leaders = new Set<number>();
  /** Where execution comes back to from elsewhere. */
  private readonly returns = new Set<number>();
  private readonly near: number[] = [];
  /** Callees: what does not fit comes last. */
  private readonly far: number[] = [];

  constructor(
    private readonly source: CodeSource,
    private readonly roots: readonly number[],
    private readonly limits: PlanLimits,
  ) {}

  plan(): Plan | undefined {
    this.near.push(...this.roots);
    for (;;) {
      const start = this.near.shift() ?? this.far.shift();
      if (start === undefined) break;
      this.explore(start);
    }
    return this.assemble();
  }

  private explore(start: number): void {
    this.leaders.add(start);
    let at = start;
    for (;;) {
      if (this.known.has(at)) {
        // Two ways lead here.
        this.leaders.add(at);
        return;
      }
      if (this.known.size >= this.limits.instructions) return;
      const decoded = this.source.at(at);
      if (!decoded) return;
      const flow = isSupervisorCsr(decoded) ? 'next' : outlineOf(decoded.instruction).flow;
      const next = at + decoded.length;
      this.known.set(at, { decoded, flow });
      if (flow === 'next') {
        at = next;
        continue;
      }
      this.follow(decoded, flow, at, next);
      return;
    }
  }

  private follow(decoded: Decoded, flow: Exclude<Flow, 'next'>, at: number, next: number): void {
    const target = at + decoded.imm;
    switch (flow) {
      case 'branch':
        this.near.push(next, target);
        break;
      case 'relative':
        if (!links(decoded)) this.near.push(target);
        else {
          this.far.push(target);
          this.returnsTo(next);
        }
        break;
      case 'computed':
        if (links(decoded)) this.returnsTo(next);
        break;
      case 'hart':
        this.returnsTo(next);
        break;
    }
  }

  private returnsTo(offset: number): void {
    this.returns.add(offset);
    this.near.push(offset);
  }

  /** From `start` to the next leader, or to where control goes elsewhere. */
  private stretch(start: number): Stretch {
    const instructions: PlacedInstruction[] = [];
    let at = start;
    for (;;) {
      const known = this.known.get(at);
      if (known === undefined) return { instructions, flow: 'next', next: at };
      const { decoded, flow } = known;
      if (flow === 'hart') return { instructions, flow, next: at };
      instructions.push({ offset: at, decoded });
      at += decoded.length;
      if (flow !== 'next') return { instructions, flow, next: at };
      if (this.leaders.has(at)) return { instructions, flow: 'next', next: at };
    }
  }

  private assemble(): Plan | undefined {
    const starts = [...this.leaders].filter((start) => this.known.has(start)).sort((a, b) => a - b);
    const numbers = new Map(starts.map((start, number) => [start, number]));
    const blocks = starts.map((start): Block => {
      const { instructions, flow, next } = this.stretch(start);
      const last = instructions.at(-1);
      return {
        start,
        instructions,
        flow,
        next,
        target: last && (flow === 'branch' || flow === 'relative') ? last.offset + last.decoded.imm : -1,
        calls: last !== undefined && (flow === 'relative' || flow === 'computed') && links(last.decoded),
      };
    });
    const roots = this.roots.map((root) => numbers.get(root)).filter((root) => root !== undefined);
    if (!roots.some((root) => blocks[root]?.instructions.length)) return undefined;
    const returns = [...this.returns].map((offset) => numbers.get(offset)).filter((number) => number !== undefined);
    const outside = [...new Set([...roots, ...returns])];
    const successors = blocks.map((block) => successorsOf(block, numbers));
    const order = weakTopologicalOrder(successors, outside);
    const heads = loopHeads(order);
    return {
      blocks,
      order,
      entries: [...new Set([...outside, ...heads])].filter((entry) => blocks[entry]?.instructions.length),
      instructions: this.known.size,
    };
  }
}

/** Where control goes from a block to others, known beforehand. That behind comes last: it is then laid out next. */
export function successorsOf(block: Block, numbers: ReadonlyMap<number, number>): number[] {
  const offsets =
    block.flow === 'branch'
      ? [block.target, block.next]
      : block.flow === 'relative'
        ? [block.target]
        : block.flow === 'next'
          ? [block.next]
          : [];
  return offsets.map((offset) => numbers.get(offset)).filter((number) => number !== undefined);
}

function loopHeads(order: readonly Component[]): number[] {
  return order.flatMap((component) =>
    component.body === undefined ? [] : [component.head, ...loopHeads(component.body)],
  );
}

/** Instructions in loops that have none inside. */
function inInnermostLoops({ order, blocks }: Plan): number {
  const of = (component: Component, inside: boolean): number => {
    const { head, body } = component;
    const innermost = inside || (body?.every((one) => one.body === undefined) ?? false);
    const own = innermost ? (blocks[head]?.instructions.length ?? 0) : 0;
    return (body ?? []).reduce((sum, one) => sum + of(one, innermost), own);
  };
  return order.reduce((sum, component) => sum + of(component, false), 0);
}

/** Whether a block ends in a jump that is neither a call nor a return: by a table, as interpreters have it. */
function switches({ flow, instructions }: Block): boolean {
  const last = instructions.at(-1)?.decoded;
  return flow === 'computed' && last !== undefined && !links(last) && !isReturn(last);
}

/** Whether execution is likely to stay in a region for long: most of it is innermost loops, or it goes by tables. */
export function isTight(plan: Plan): boolean {
  return inInnermostLoops(plan) * 2 >= plan.instructions || plan.blocks.some(switches);
}

/**
 * Plans a region around `roots`. Undefined where nothing can be translated there.
 */
export function planRegion(source: CodeSource, roots: readonly number[], limits: PlanLimits): Plan | undefined {
  return new Planner(source, roots, limits).plan();
}
