/**
 * What clients of the guest `keyval` (fixtures/guests/keyval.c) have asked and were answered, held against what a store that
 * executes every request once, in an order that all can agree on, may answer. The guest has to be a fresh one.
 *
 * What an answer must respect was known when its request was first sent: later answers may have overtaken it.
 */

export type Operation = 'SET' | 'GET' | 'ADD';

export interface Request {
  readonly client: string;
  readonly seq: number;
  readonly operation: Operation;
  readonly key: string;
  /** Of a SET. */
  readonly value?: string | undefined;
}

/** A write that was answered. */
export interface AcknowledgedWrite {
  readonly version: number;
  readonly client: string;
  readonly seq: number;
  readonly operation: Operation;
  readonly key: string;
  readonly value: string;
}

/** What a GET said of a version; the write itself may not be answered yet. */
type Claim = Pick<AcknowledgedWrite, 'key' | 'value'>;

interface Key {
  /** The latest version that an answer told of. */
  seen: number;
  /** Where only ADD writes to it, the sums answered and their versions; otherwise the audit alone knows. */
  readonly sums: Map<number, number>;
  highestSum: number;
  /** ADDs that were asked. */
  adds: number;
  set: boolean;
}

interface Asked {
  readonly request: Request;
  /** What was the latest of the store, of the key, and the highest sum of it. */
  readonly version: number;
  readonly seen: number;
  readonly sum: number;
  answer?: string;
}

const ANSWER = /^(OK|VALUE|NONE|SUM|ERROR) (\S{1,16}) (\d+)(?: (\d+))?(?: (.+))?$/;
const KINDS: Record<Operation, readonly string[]> = { SET: ['OK'], GET: ['VALUE', 'NONE'], ADD: ['SUM'] };
/** Whether a version and a value follow. */
const FORMS: Readonly<Record<string, readonly [version: boolean, value: boolean]>> = {
  OK: [true, false],
  VALUE: [true, true],
  NONE: [false, false],
  SUM: [true, true],
};

export class History {
  /** In words; empty where all is well. */
  readonly contradictions: string[] = [];
  /** Answers of ERROR. */
  readonly refused: string[] = [];
  private readonly asked = new Map<string, Asked>();
  /** Requests without an answer. */
  private readonly open = new Set<Asked>();
  private readonly written = new Map<number, AcknowledgedWrite>();
  private readonly claims = new Map<number, Claim>();
  private readonly keys = new Map<string, Key>();
  private latest = 0;

  /** All that were answered, in the order of their answers. */
  get writes(): AcknowledgedWrite[] {
    return [...this.written.values()];
  }

  /** Requests that were answered. */
  get answers(): number {
    return this.asked.size - this.open.size;
  }

  /** A request is sent for the first time. */
  ask(request: Request): void {
    const key = this.key(request.key);
    const asked = { request, version: this.latest, seen: key.seen, sum: key.highestSum };
    if (request.operation === 'ADD') key.adds++;
    if (request.operation === 'SET') key.set = true;
    this.asked.set(`${request.client} ${request.seq}`, asked);
    this.open.add(asked);
  }

  /** Takes an answer; returns the request that it is the first answer to. */
  answer(text: string): Request | undefined {
    const [, kind = '', client = '', seq = '', version, value] = ANSWER.exec(text) ?? [];
    const asked = this.asked.get(`${client} ${seq}`);
    if (asked === undefined) {
      this.contradict(`nobody asked what is answered: ${text}`);
      return undefined;
    }
    if (asked.answer !== undefined) {
      if (asked.answer !== text) this.contradict(`two answers to one request: ${asked.answer}; ${text}`);
      return undefined;
    }
    asked.answer = text;
    this.open.delete(asked);
    const { request } = asked;
    if (kind === 'ERROR') {
      this.refused.push(text);
      return request;
    }
    const [hasVersion, hasValue] = FORMS[kind] ?? [false, false];
    const formed = hasVersion === (version !== undefined) && hasValue === (value !== undefined);
    if (!formed || !KINDS[request.operation].includes(kind)) this.contradict(`no answer to ${words(request)}: ${text}`);
    else if (request.operation === 'GET') this.read(asked, text, Number(version ?? 0), value);
    else this.wrote(asked, text, Number(version), value ?? request.value ?? '');
    return request;
  }

  /**
   * What can be told only when all is over: that the numbers of each key follow one another, that each version was somebody's.
   * Where requests are open still, their places may be empty.
   */
  audit(): void {
    const versions = [...this.written.keys()].sort((a, b) => a - b);
    const values = new Map<string, string>();
    const openKeys = new Set(
      Array.from(this.open, ({ request }) => request)
        .filter(({ operation }) => operation !== 'GET')
        .map(({ key }) => key),
    );
    let before = 0;
    for (const version of versions) {
      const write = this.written.get(version) as AcknowledgedWrite;
      if (version !== before + 1 && openKeys.size === 0) {
        this.contradict(`versions ${before + 1} to ${version - 1} are nobody’s`);
      }
      before = version;
      const expected = write.operation === 'SET' ? write.value : `${Number(values.get(write.key) ?? 0) + 1}`;
      if (write.value !== expected && !openKeys.has(write.key)) {
        this.contradict(`${write.key} is ${write.value} at version ${version}, not ${expected}`);
      }
      values.set(write.key, write.value);
    }
    if (openKeys.size > 0) return;
    for (const [version, { key, value }] of this.claims) {
      if (!this.written.has(version)) this.contradict(`nobody wrote ${key} ${value}, read at version ${version}`);
    }
  }

  private read({ request, seen }: Asked, text: string, version: number, value = ''): void {
    const key = this.key(request.key);
    if (version < seen) {
      this.contradict(`${request.key} was at version ${seen} before it was asked for: ${text}`);
      return;
    }
    if (version === 0) return;
    const known: Claim | undefined = this.written.get(version) ?? this.claims.get(version);
    if (known !== undefined) {
      if (known.key !== request.key || known.value !== value) {
        this.contradict(`version ${version} is ${known.key} ${known.value}: ${text}`);
      }
    } else if (!this.underWay(request.key, value)) {
      this.contradict(`nobody has asked for this value: ${text}`);
    } else {
      this.claims.set(version, { key: request.key, value });
    }
    this.reached(key, version);
  }

  private wrote({ request, version: latest, sum }: Asked, text: string, version: number, value: string): void {
    const { client, seq, operation } = request;
    const key = this.key(request.key);
    if (version <= latest) this.contradict(`version ${latest} was there before this was asked: ${text}`);
    const other = this.written.get(version);
    if (other !== undefined) {
      this.contradict(`version ${version} is that of ${other.client} ${other.seq}, too: ${text}`);
      return;
    }
    const claim = this.claims.get(version);
    if (claim !== undefined && (claim.key !== request.key || claim.value !== value)) {
      this.contradict(`version ${version} was read as ${claim.key} ${claim.value}: ${text}`);
    }
    if (operation === 'ADD' && !key.set) this.summed(key, sum, text, version, Number(value));
    this.written.set(version, { version, client, seq, operation, key: request.key, value });
    this.reached(key, version);
  }

  private summed(key: Key, before: number, text: string, version: number, sum: number): void {
    if (key.sums.has(sum)) this.contradict(`version ${key.sums.get(sum)} has this sum, too: ${text}`);
    else if (!(sum > before)) this.contradict(`the sum was ${before} before this was asked: ${text}`);
    else if (sum > key.adds) this.contradict(`${key.adds} were added so far: ${text}`);
    key.sums.set(sum, version);
    key.highestSum = Math.max(key.highestSum, sum);
  }

  /** Whether a request without an answer may have written this. */
  private underWay(key: string, value: string): boolean {
    return Array.from(this.open, ({ request }) => request).some(
      (request) =>
        request.key === key &&
        (request.operation === 'SET' ? request.value === value : request.operation === 'ADD' && /^\d+$/.test(value)),
    );
  }

  private reached(key: Key, version: number): void {
    key.seen = Math.max(key.seen, version);
    this.latest = Math.max(this.latest, version);
  }

  private key(name: string): Key {
    let key = this.keys.get(name);
    if (key === undefined)
      this.keys.set(name, (key = { seen: 0, sums: new Map(), highestSum: 0, adds: 0, set: false }));
    return key;
  }

  private contradict(sentence: string): void {
    this.contradictions.push(sentence);
  }
}

/** A request as it is sent. */
export function words({ operation, client, seq, key, value }: Request): string {
  return [operation, client, seq, key, ...(value === undefined ? [] : [value])].join(' ');
}
