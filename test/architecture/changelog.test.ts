import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { datedChangelog } from '../../scripts/date-changelog.ts';
import { manifestOf, root } from './source-files.ts';

describe('the changelog', () => {
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);

  it('has the unreleased changes first, then the versions with their dates, the current one on top', () => {
    const [first, newest = '', ...older] = headings;
    assert.equal(first, 'Unreleased');
    assert.ok(newest.startsWith(`${manifestOf('core').version} - `), newest);
    for (const heading of [newest, ...older]) assert.match(heading, /^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/);
  });

  it('turns the unreleased changes into a dated section, and leaves the rest as it is', () => {
    const before = '# Changelog\n\n## Unreleased\n\n- A.\n\n## 0.1.0 - 2026-01-01\n\n- B.\n';
    const after = datedChangelog(before, '0.2.0', '2026-02-03');
    assert.equal(
      after,
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n- A.\n\n## 0.1.0 - 2026-01-01\n\n- B.\n',
    );
    assert.equal(datedChangelog(after, '0.2.0', '2026-02-04'), after);
    const first = datedChangelog('# Changelog\n\n## Unreleased\n\n- A.\n', '0.1.0', '2026-02-03');
    assert.equal(first, '# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-02-03\n\n- A.\n');
  });

  it('refuses a release without unreleased changes', () => {
    for (const empty of ['# Changelog\n', '# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- B.\n']) {
      assert.throws(() => datedChangelog(empty, '0.2.0', '2026-02-03'), /lists nothing under "## Unreleased"/);
    }
  });
});
