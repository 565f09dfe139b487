import assert from 'node:assert/strict';
import { formatDeliveryPath, publicIdProblem } from '@safelight/protocol';
import fc from 'fast-check';
import { identify } from '../../packages/cloud/src/delivery/identify.ts';
import { repetitionsOfRun } from '../servers/cases-of-run.ts';
import { hostilePaths } from './hostile-urls.ts';

const settings = { cloudName: 'demo', apiSecrets: ['safelight-secret'] };

const urlCount = process.env['SAFELIGHT_LONG'] === '1' ? 100_000 : repetitionsOfRun({ first: 5_000, all: 20_000 });

describe(`reading ${urlCount} hostile URLs`, () => {
  it('gives a valid delivery, a refusal with a message, or a foreign URL', function () {
    this.timeout(30_000);
    const kinds = new Map<string, number>();
    const property = fc.property(hostilePaths, (path) => {
      const identified = identify(path, undefined, settings);
      kinds.set(identified.kind, (kinds.get(identified.kind) ?? 0) + 1);
      if (identified.kind === 'refused') {
        const { status, message, class: held } = identified.fault;
        assert.ok(status >= 400 && status < 500);
        assert.equal(held, 'never');
        assert.ok(message.length > 0 && message.length < 5000);
      }
      if (identified.kind !== 'delivery') return;
      const { delivery, target } = identified;
      assert.equal(publicIdProblem(delivery.publicId), undefined);
      assert.ok(target.derivation.length <= 4096);
      // A delivery that is written and read again has the same target.
      const again = identify(formatDeliveryPath(delivery), undefined, { ...settings, maxBytes: 100_000 });
      assert.equal(again.kind, 'delivery');
      assert.deepEqual(again.kind === 'delivery' && again.target, target);
    });
    fc.assert(property, { numRuns: urlCount });
    for (const kind of ['delivery', 'refused', 'foreign'])
      assert.ok((kinds.get(kind) ?? 0) > urlCount / 100, `${kind} is rare`);
  });
});
