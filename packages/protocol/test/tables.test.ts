import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  canonicalTransformation,
  formatTransformation,
  parameterKeys,
  parameters,
  parseTransformation,
  readNamedTransformations,
} from '@safelight/protocol';
import { canonicalColour, toRgba } from '../src/colour.ts';
import { keysNotOffered } from '../src/not-offered.ts';

describe('the table of parameters', () => {
  for (const key of parameterKeys) {
    const { example, property } = parameters[key];
    it(`has a working example of ${key}_`, () => {
      const parsed = parseTransformation(example, { named: readNamedTransformations({ thumb: 'w_100' }) });
      assert.ok(parsed.ok);
      if (property === 'placeholder') assert.equal(parsed.placeholder, 'icons/missing.png');
      else if (property === 'named') assert.equal(parsed.isNamed, true);
      else if (property === 'zoom') assert.deepEqual(parsed, parseTransformation('c_thumb,g_center,w_100'));
      else {
        assert.ok(parsed.transformation.some((step) => property in step));
        assert.match(formatTransformation(parsed.transformation), new RegExp(`\\b${key}_`));
      }
    });
  }

  it('is complete', () => {
    assert.deepEqual([...parameterKeys], Object.keys(parameters).sort());
    const all = parameterKeys.map((key) => parameters[key].property);
    assert.equal(new Set(all).size, all.length);
  });

  it('has no key of the list of keys that are not offered', () => {
    for (const key of parameterKeys) assert.ok(!keysNotOffered.has(key));
  });

  it('agrees with the reference pages', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, ['scripts/write-tables.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });
});

describe('colours', () => {
  it('have one spelling each', () => {
    for (const text of ['red', 'RED', 'rgb:f00', 'rgb:F00F', 'rgb:ff0000', '#f00'])
      assert.equal(canonicalColour(text), 'red');
    assert.equal(canonicalColour('grey'), 'gray');
    assert.equal(canonicalColour('rgb:12345678'), 'rgb:12345678');
    assert.equal(canonicalColour('none'), 'transparent');
  });

  it('are undefined for other texts', () => {
    for (const text of ['', 'reddish', 'rgb:', 'rgb:12', 'rgb:12345', 'rgb:gggggg', 'constructor']) {
      assert.equal(canonicalColour(text), undefined, text);
      assert.equal(toRgba(text), undefined, text);
    }
  });

  it('have channels', () => {
    assert.deepEqual(toRgba('orange'), { r: 255, g: 165, b: 0, alpha: 1 });
    assert.deepEqual(toRgba('rgb:ff000080'), { r: 255, g: 0, b: 0, alpha: 128 / 255 });
    assert.deepEqual(toRgba('transparent'), { r: 0, g: 0, b: 0, alpha: 0 });
  });

  it('are canonical in a canonical transformation', () => {
    assert.deepEqual(canonicalTransformation([{ background: '#FFF' }]), [{ background: 'white' }]);
  });
});
