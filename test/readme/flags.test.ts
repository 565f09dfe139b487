import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../architecture/source-files.ts';
import { commandsIn, markdownFiles } from './markdown.ts';

const commands = ['serve', 'why'] as const;

describe('the command in the documents', () => {
  const files = markdownFiles();
  const help = new Map<string, string>();

  before(() => {
    for (const command of commands) {
      const main = join(root, 'packages/cli/dist/main.js');
      help.set(command, execFileSync(process.execPath, [main, command, '--help'], { encoding: 'utf8' }));
    }
  });

  it('has every flag that a document uses', () => {
    const given = files.flatMap(({ path, text }) =>
      commandsIn(text).flatMap((line) => {
        const [, command = '', rest = ''] = /\bsafelight (serve|why)\b(.*)/.exec(line) ?? [];
        return flagsIn(rest).map((flag) => ({ path, command, flag }));
      }),
    );
    assert.notEqual(given.length, 0);
    const unknown = given.filter(({ command, flag }) => !flagsIn(help.get(command) ?? '').includes(flag));
    assert.deepEqual(unknown, []);
  });

  it('has exactly the flags and variables of its README, with the same defaults', () => {
    const readme = files.find(({ path }) => path === 'packages/cli/README.md')?.text ?? '';
    const all = [...help.values()].join('\n').replaceAll(/\s+/g, ' ');
    assert.deepEqual(unique(flagsIn(readme)), unique(flagsIn(all)));
    assert.deepEqual(unique(variablesIn(readme)), unique(variablesIn(all)));
    const rows = readme.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    for (const [, flag = '', value = ''] of all.matchAll(/(--[a-z-]+) <[^>]*> [^(]*\(default: "?([^",)]+)"?, env/g)) {
      assert.equal(rows.find((cells) => cells[1] === flag)?.[3], value, flag);
    }
  });
});

function flagsIn(text: string): readonly string[] {
  return [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
}

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/\bSAFELIGHT_[A-Z_]*[A-Z]/g)].map(([name]) => name);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
