// Beside the usual checks, two rules of the house (README, "Architecture"):
// - the one door: outside src/host and the commands nothing reaches the clock, randomness, timers or the system;
// - imports run one way: commands -> pair, replay -> machine -> engine -> hart -> isa; log stands alone.
import { builtinModules } from 'node:module';

import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What each room may import from, itself aside. `types`: for its types only. */
const ROOMS = {
  isa: {},
  hart: { from: ['isa'] },
  engine: { from: ['isa', 'hart'] },
  machine: { from: ['isa', 'hart', 'engine'] },
  log: {},
  replay: { from: ['isa', 'hart', 'engine', 'machine', 'log'] },
  pair: { from: ['isa', 'hart', 'engine', 'machine', 'log', 'replay'] },
  host: { types: ['hart', 'machine', 'log', 'replay', 'pair'] },
};
const OUTER = ['commands', 'main.js'];
/** Rooms that may touch the world. */
const OPEN = ['host'];

const WORLD_GLOBALS = [
  ...[
    'Date',
    'performance',
    'crypto',
    'process',
    'console',
    'fetch',
    'WebSocket',
    'EventSource',
    'navigator',
    'require',
  ],
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask'],
  ...['MessageChannel', 'BroadcastChannel', 'Worker', 'Atomics', 'SharedArrayBuffer', 'globalThis', 'global'],
].map((name) => ({ name, message: 'Only src/host and the commands touch the world: ask the environment.' }));

const modules = (except = []) =>
  [...new Set(builtinModules.flatMap((name) => [name, name.replace(/^(node:)?/, 'node:')]))].filter(
    (name) => !except.includes(name),
  );

function importRules(room, { from = [], types = [] }, exceptModules) {
  const closed = !OPEN.includes(room);
  const others = [...Object.keys(ROOMS), ...OUTER].filter((name) => name !== room && !from.includes(name));
  const never = others.filter((name) => !types.includes(name));
  const inRoom = (names) =>
    names.flatMap((name) => [
      `../${name}`,
      `../${name}/**`,
      `../../${name}`,
      `../../${name}/**`,
      `../../../${name}/**`,
    ]);
  const patterns = [];
  if (never.length > 0) patterns.push({ group: inRoom(never), message: 'Imports run one way between the rooms.' });
  if (types.length > 0) patterns.push({ group: inRoom(types), allowTypeImports: true, message: 'Its types only.' });
  const paths = closed
    ? modules(exceptModules).map((name) => ({
        name,
        allowTypeImports: true,
        message: 'Only src/host and the commands touch the world.',
      }))
    : [];
  return {
    '@typescript-eslint/no-restricted-imports': ['error', { paths, patterns }],
    ...(closed && {
      'no-restricted-globals': ['error', ...WORLD_GLOBALS],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Ask the environment.' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'The door would not see what it loads.' },
      ],
    }),
  };
}

const doors = Object.entries(ROOMS).map(([room, allowed]) => ({
  files: [`src/${room}/**/*.ts`],
  rules: importRules(room, allowed),
}));

export default tseslint.config(
  { ignores: ['dist/', 'proto/gen/', 'node_modules/', 'coverage/', 'tmp/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['tsconfig.json', 'test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      // `const { imul } = Math` is the house's way of capturing a global for a hot loop.
      '@typescript-eslint/unbound-method': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', 500],
    },
  },
  ...doors,
  { files: ['src/log/compress.ts'], rules: importRules('log', ROOMS.log, ['zlib', 'node:zlib']) },
  // An arbiter throws the error that the pair waits at.
  {
    files: ['src/host/*-arbiter.ts'],
    rules: importRules('host', { from: ['pair'], types: ROOMS.host.types.filter((name) => name !== 'pair') }),
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      'max-lines': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'performance', 'setTimeout', 'Buffer'].map((name) => [name, 'readonly']),
      ),
    },
  },
);
