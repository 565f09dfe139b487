import assert from 'node:assert/strict';
import { readSortBy } from '../../src/search/read-sort-by.ts';

describe('sort_by of a search', () => {
  it('names fields and directions, the most important first', () => {
    const order = readSortBy([{ uploaded_at: 'DESC' }, { public_id: 'asc' }]);
    assert.deepEqual(order, [
      { by: 'createdAt', direction: 'desc' },
      { by: 'publicId', direction: 'asc' },
    ]);
    assert.deepEqual(readSortBy({ bytes: 'asc' }), [{ by: 'bytes', direction: 'asc' }]);
    assert.equal(readSortBy(undefined), undefined);
    assert.equal(readSortBy(null), undefined);
  });

  it('is refused with the reason when it cannot be read', () => {
    assert.throws(() => readSortBy([{ creatd_at: 'desc' }]), {
      status: 400,
      message: 'Invalid sort_by. "creatd_at" is not a field with an order. Did you mean created_at?',
    });
    assert.throws(
      () => readSortBy([{ tags: 'desc' }]),
      /"tags" is not a field with an order\. The fields are: public_id/,
    );
    assert.throws(() => readSortBy([{ bytes: 'down' }]), /Write it as \[\{"created_at":"desc"\}\]/);
    assert.throws(() => readSortBy(['bytes']), /Write it as/);
    assert.throws(() => readSortBy(Array.from({ length: 11 }, () => ({ bytes: 'asc' }))), /more than 10 fields/);
  });
});
