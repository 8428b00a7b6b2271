/**
 * A region as a WebAssembly function: entered at any of its entry blocks, guest registers loaded; loops are loops, jumps
 * forward are branches, and what is entered from outside or reached by a computed address goes through a `br_table` at
 * the top and at the heads of the loops around it.
 */
import { HART, PAGE_BYTES, RECORDS_PER_PAGE, RECORD_BYTES } from '../hart/layout.js';
import { RECORD } from './fetch-lookup.js';
import { REGION_TYPE, emitFollow } from './jump-cache.js';
import { EXIT_CAUSES } from './kinds.js';
import { RegionEmitter, type Addressing, type RegionLocals, type RegionRuntime } from './region-emitter.js';
import type { RegionPage } from './region-code.js';
import { isTight, successorsOf, type Block, type Plan } from './region-plan.js';
import { NO_REGISTERS, RegionRegisters, inBoth, registersTaken, type RegisterSet } from './region-registers.js';
import type { Component } from './weak-order.js';
import type { FunctionBuilder, FunctionRef, Label, Local, ModuleBuilder } from './wasm/builder.js';
import { I32, I64, OP } from './wasm/opcodes.js';

const { max } = Math;
const JUMP = EXIT_CAUSES.indexOf('jump');

export interface RegionSpecification {
  readonly plan: Plan;
  /** The first page first. */
  readonly pages: readonly RegionPage[];
  readonly addressing: Addressing;
  /** Handler number of the first entry; the others follow. */
  readonly firstHandler: number;
}

/** An element of the region's layout: a block, or a loop around others. */
interface Element {
  readonly head: number;
  readonly parent: Element | undefined;
  readonly body: readonly Element[] | undefined;
  /** In front of it, while that is a branch target. */
  before: Label | undefined;
  /** Its start, for loops. */
  again: Label | undefined;
  /** Registers that are held in front of it, by all ways that have been emitted. */
  held: RegisterSet | undefined;
}

function layOut(components: readonly Component[], parent: Element | undefined): Element[] {
  return components.map((component) => {
    const element: { -readonly [K in keyof Element]: Element[K] } = {
      head: component.head,
      parent,
      body: undefined,
      before: undefined,
      again: undefined,
      held: undefined,
    };
    if (component.body) element.body = layOut([{ head: component.head }, ...component.body], element);
    return element;
  });
}

class RegionFunction {
  private readonly blocks: readonly Block[];
  private readonly numberOf: ReadonlyMap<number, number>;
  private readonly top: Element[];
  /** The innermost element of each block. */
  private readonly leaf: Element[] = [];
  /** Numbers, from 1 on, of blocks that are gone to by dispatch: the entries first. */
  private readonly dispatched = new Map<number, number>();
  /** Of each loop, blocks inside that are gone to from outside. */
  private readonly inner = new Map<Element, Set<number>>();
  /** Blocks in front of which the budget is looked at: the entries, among which are the heads of loops. */
  private readonly checked: Set<number>;
  /** How many instructions may be executed from a block on before that. */
  private readonly needs: number[] = [];
  private readonly registers: RegionRegisters;
  private readonly locals: RegionLocals;
  private readonly entry: Local;
  private readonly target: Local;
  private emitter!: RegionEmitter;
  private dispatch!: Label;
  private endComputed!: Label;
  private present = 0;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly runtime: RegionRuntime,
    private readonly region: RegionSpecification,
  ) {
    const { plan } = region;
    this.blocks = plan.blocks;
    this.numberOf = new Map(plan.blocks.map((block, number) => [block.start, number]));
    this.top = layOut(plan.order, undefined);
    this.checked = new Set(plan.entries);
    this.collectLeaves(this.top);
    for (const entry of plan.entries) this.dispatched.set(entry, this.dispatched.size + 1);
    this.findInner();
    this.registers = new RegionRegisters(f, isTight(plan));
    const [entry, page, budget] = f.parameters as [Local, Local, Local];
    this.entry = entry;
    this.locals = { page, budget, leaving: f.local(I64) };
    this.target = f.local(I64);
  }

  private collectLeaves(elements: readonly Element[]): void {
    for (const element of elements) {
      if (element.body) this.collectLeaves(element.body);
      else this.leaf[element.head] = element;
    }
  }

  private loopsAround(block: number): Element[] {
    const loops: Element[] = [];
    for (let loop = this.leaf[block]?.parent; loop; loop = loop.parent) loops.push(loop);
    return loops;
  }

  /** Which blocks inside loops are gone to from outside of them. */
  private findInner(): void {
    const goesTo = (block: number, from: readonly Element[]): void => {
      for (const loop of this.loopsAround(block)) {
        if (loop.head === block || from.includes(loop)) continue;
        this.inner.set(loop, (this.inner.get(loop) ?? new Set()).add(block));
        if (!this.dispatched.has(block)) this.dispatched.set(block, this.dispatched.size + 1);
      }
    };
    for (const entry of this.region.plan.entries) goesTo(entry, []);
    this.blocks.forEach((block, number) => {
      for (const to of successorsOf(block, this.numberOf)) goesTo(to, this.loopsAround(number));
    });
  }

  /** The longest way from a block on to one that is checked, or out of the region. */
  private needOf(number: number): number {
    let need = this.needs[number];
    if (need === undefined) {
      const block = this.blocks[number];
      need = 0;
      for (const to of successorsOf(block, this.numberOf)) if (!this.checked.has(to)) need = max(need, this.needOf(to));
      this.needs[number] = need += block.instructions.length;
    }
    return need;
  }

  emit(): void {
    const { f, locals, region } = this;
    f.block((endComputed) => {
      this.endComputed = endComputed;
      f.block((end) => {
        this.emitter = new RegionEmitter(f, this.runtime, locals, region.addressing, this.registers, {
          goTo: (offset) => this.goTo(offset),
          goToComputed: (isReturn) => this.goToComputed(isReturn),
          end,
        });
        this.refuse();
        this.emitter.enter(this.blocks);
        f.loop((dispatch) => {
          this.dispatch = dispatch;
          this.emitSequence(this.top, () => this.dispatchAmong(this.top, [...region.plan.entries]));
        });
      });
      RegionEmitter.settle(f, locals);
      f.set(this.target);
    });
    this.registers.end();
    f.i32(0).get(this.target).memory(OP.i64Store, HART.pc);
    f.i32(0);
    RegionEmitter.pushCause(f, locals);
    f.memory(OP.i32Store, HART.exitCause);
    f.i32(0).get(locals.page).memory(OP.i64Store, HART.exitPage);
    f.i32(0).i32(region.firstHandler).memory(OP.i32Store, HART.exitRegion);
    RegionEmitter.pushCause(f, locals);
    f.i32(JUMP).op(OP.i32Eq);
    f.if(() => emitFollow(f.get(this.target).get(locals.budget), this.runtime.follow));
    f.get(locals.budget);
  }

  /** Ends at once where the region does not hold under the present addressing. */
  private refuse(): void {
    const { f, region, locals } = this;
    const leave = (): unknown => f.get(locals.budget).op(OP.return);
    if (region.addressing.bare) f.i32(0).memory(OP.i32Load, HART.bare).op(OP.i32Eqz).unlikely().if(leave);
  }

  /** Elements one behind the other, each in front of which a block ends; `start` comes before the first. */
  private emitSequence(elements: readonly Element[], start: () => void): void {
    const nest = (index: number): void => {
      if (index < 0) {
        start();
        return;
      }
      const element = elements[index];
      this.f.block((before) => {
        element.before = before;
        nest(index - 1);
      });
      element.before = undefined;
      this.emitElement(element);
    };
    nest(elements.length - 1);
  }

  private emitElement(element: Element): void {
    const { body } = element;
    this.registers.held = element.held ?? NO_REGISTERS;
    if (!body) {
      this.emitBlock(element.head);
      return;
    }
    this.holdThrough(body);
    this.f.loop((again) => {
      element.again = again;
      this.emitSequence(body, () => {
        this.comesTo(body[0]);
        const inner = this.inner.get(element);
        if (!inner) return;
        this.f.block((head) => {
          this.f.get(this.entry).op(OP.i32Eqz).brIf(head);
          this.dispatchAmong(body, [...inner], head);
        });
      });
      element.again = undefined;
    });
  }

  /** Control comes to an element from here. */
  private comesTo(element: Element): void {
    const { held } = this.registers;
    element.held = element.held === undefined ? held : inBoth(element.held, held);
  }

  /** Loads in front of a loop what is needed in it. */
  private holdThrough(elements: readonly Element[]): void {
    for (const { head, body } of elements) {
      if (body) this.holdThrough(body);
      else this.registers.hold(registersTaken(this.blocks[head].instructions));
    }
  }

  /** Goes to the block that `entry` names, one of `blocks` below `elements`. */
  private dispatchAmong(elements: readonly Element[], blocks: readonly number[], otherwise?: Label): void {
    const last = otherwise ?? elements.at(-1)!.before!;
    const table = new Array<Label>(this.dispatched.size + 1).fill(last);
    for (const block of blocks) {
      const element = elements.find((one) => this.isWithin(block, one));
      if (!element?.before) continue;
      this.comesTo(element);
      table[this.dispatched.get(block)!] = element.before;
    }
    this.f.get(this.entry).brTable(table, last);
  }

  private isWithin(block: number, element: Element): boolean {
    for (let one: Element | undefined = this.leaf[block]; one; one = one.parent) if (one === element) return true;
    return false;
  }

  private emitBlock(number: number): void {
    const { emitter } = this;
    const block = this.blocks[number];
    this.present = number;
    if (this.dispatched.has(number)) this.f.i32(0).set(this.entry);
    emitter.beginBlock(block.start, block.instructions, this.checked.has(number) ? this.needOf(number) : undefined);
    for (const instruction of block.instructions) emitter.emitInstruction(instruction);
    emitter.endBlock();
    if (block.flow === 'hart') emitter.endAt(block.next, 'system');
    else if (block.flow === 'next') this.goTo(block.next);
  }

  private goTo(offset: number): void {
    const to = this.numberOf.get(offset);
    if (to === undefined) this.emitter.endAt(offset, 'jump');
    else this.goToBlock(to);
  }

  private goToBlock(to: number): void {
    const around = this.loopsAround(this.present);
    // The innermost loop around both, and what of it leads to the block.
    let child = this.leaf[to];
    while (child.parent && !around.includes(child.parent)) child = child.parent;
    const shared = child.parent;
    if (shared?.head === to) {
      this.f.br(shared.again!);
      return;
    }
    if (child.body && child.head !== to) this.f.i32(this.dispatched.get(to)!).set(this.entry);
    this.comesTo(child);
    this.f.br(child.before!);
  }

  /** With the target on the stack: stays in the region where there is an entry at it. */
  private goToComputed(isReturn: boolean): void {
    const { f, target, locals, region } = this;
    f.set(target);
    this.emitter.leaveByJump();
    if (!isReturn || this.blocks.some((block) => block.calls)) {
      const offset = f.local(I64);
      const record = f.local(I32);
      const entry = f.local(I32);
      f.get(target).get(locals.page).op(OP.i64Sub).set(offset);
      for (const { delta, records } of region.pages) {
        f.get(offset)
          .i64(BigInt(delta * PAGE_BYTES))
          .op(OP.i64Sub)
          .i64(PAGE_BYTES)
          .op(OP.i64LtU)
          .if(() => {
            f.get(offset)
              .op(OP.i32WrapI64)
              .i32((RECORDS_PER_PAGE - 1) * 2)
              .op(OP.i32And);
            f.i32(RECORD_BYTES / 2)
              .op(OP.i32Mul)
              .i32(records)
              .op(OP.i32Add)
              .tee(record);
            f.memory(OP.i32Load16U, RECORD.handler).i32(region.firstHandler).op(OP.i32Sub).tee(entry);
            f.i32(region.plan.entries.length).op(OP.i32LtU);
            f.if(() => f.get(entry).i32(1).op(OP.i32Add).set(this.entry).br(this.dispatch));
          });
      }
    }
    f.br(this.endComputed);
  }
}

/** Declares a region's function, of REGION_TYPE. */
export function emitRegion(module: ModuleBuilder, runtime: RegionRuntime, region: RegionSpecification): FunctionRef {
  return module.function(REGION_TYPE.parameters, REGION_TYPE.results, (f) => {
    new RegionFunction(f, runtime, region).emit();
  });
}
