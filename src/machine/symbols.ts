/**
 * Names for addresses and addresses for names, from an executable's symbol table (System V ABI, chapter 4, "Symbol
 * Table"). Serves every place where a program counter is shown.
 */

export interface ElfSymbol {
  readonly name: string;
  /** Virtual address. */
  readonly address: bigint;
  /** In bytes; 0 where unknown, as with assembly labels. */
  readonly size: bigint;
  readonly type: 'function' | 'object' | 'label';
  /** First address behind the section that the symbol lies in; undefined where it lies in none. */
  readonly sectionEnd: bigint | undefined;
}

export interface SymbolPlace {
  readonly name: string;
  /** Bytes from the symbol's address on. */
  readonly offset: number;
}

export class SymbolTable {
  /** In order of address, one an address, none inside another sized one. */
  private readonly places: readonly ElfSymbol[];
  private readonly byName = new Map<string, ElfSymbol>();

  constructor(symbols: readonly ElfSymbol[]) {
    for (const symbol of symbols) if (!this.byName.has(symbol.name)) this.byName.set(symbol.name, symbol);
    this.places = withoutNested(symbols.filter((symbol) => symbol.sectionEnd !== undefined));
  }

  get size(): number {
    return this.byName.size;
  }

  /** The symbol of that name; the first in the file where there are several. */
  find(name: string): ElfSymbol | undefined {
    return this.byName.get(name);
  }

  /** The function, object or label that `address` belongs to; undefined where it belongs to none. */
  lookup(address: bigint | number): SymbolPlace | undefined {
    const wanted = BigInt(address);
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.places[middle].address <= wanted) low = middle + 1;
      else high = middle;
    }
    const symbol = this.places[low - 1];
    if (symbol === undefined || wanted >= endOf(symbol)) return undefined;
    return { name: symbol.name, offset: Number(wanted - symbol.address) };
  }

  /** `name`, `name+0x1c`, or '' where no symbol is. */
  describe(address: bigint | number): string {
    const place = this.lookup(address);
    if (place === undefined) return '';
    return place.offset === 0 ? place.name : `${place.name}+0x${place.offset.toString(16)}`;
  }
}

const RANK = { function: 0, object: 1, label: 2 } as const;

/** A label reaches to the end of its section, or to the next symbol, which `lookup` finds first. */
function endOf(symbol: ElfSymbol): bigint {
  return symbol.size > 0n ? symbol.address + symbol.size : (symbol.sectionEnd ?? symbol.address);
}

function withoutNested(symbols: readonly ElfSymbol[]): ElfSymbol[] {
  const sorted = [...symbols].sort((a, b) => {
    if (a.address !== b.address) return a.address < b.address ? -1 : 1;
    return Number(b.size > 0n) - Number(a.size > 0n) || RANK[a.type] - RANK[b.type];
  });
  const kept: ElfSymbol[] = [];
  let coveredTo = 0n;
  for (const symbol of sorted) {
    const last = kept.at(-1);
    if (last !== undefined && (last.address === symbol.address || symbol.address < coveredTo)) continue;
    kept.push(symbol);
    if (symbol.size > 0n) coveredTo = symbol.address + symbol.size;
  }
  return kept;
}
