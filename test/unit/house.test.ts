/** Rules of the house that no linter rule holds: no circles among the sources, files of one idea that say what they are. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));
const text = new Map(sources.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** Files that `file` imports, types included: what depends on a type cannot be understood without it. */
function importsOf(file: string): string[] {
  const found = (text.get(file) ?? '').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g);
  return Array.from(found, ([, name = '']) => relative(root, join(root, dirname(file), `${name}.ts`)));
}

/** A circle of imports among the files, or undefined. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...path, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

it('finds a circle where there is one', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['b']],
  ]);
  expect(circle(graph)).toEqual(['b', 'c', 'b']);
});

it('has no circle of imports', () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(circle(new Map(sources.map((file) => [file, importsOf(file)])))).toBeUndefined();
});

it('imports only files that exist', () => {
  const missing = sources.flatMap((file) => importsOf(file).filter((name) => !text.has(name)));
  expect(missing).toEqual([]);
});

it.each(sources)('%s says what it is and stays one idea', (file) => {
  const content = text.get(file) ?? '';
  expect(content).toMatch(/^\/[/*]/);
  expect(content.split('\n').length).toBeLessThanOrEqual(501);
});
