import assert from 'node:assert/strict';
import { createAsset, dangerouslyBuildUrl, imgAttrs } from '@safelight/client/url';

const place = { endpoint: 'http://localhost:3000', cloudName: 'demo' };
const assetOf = (resourceType: string, format: string) =>
  createAsset({ publicId: 'report', version: 1795368841, resourceType, format, width: 24, height: 24 }, place);
const refused = { name: 'SafelightError', code: 'invalid_transformation' };

describe('an asset that is not a picture', () => {
  it('of type raw has the URL of its original, and no other URL', () => {
    const raw = assetOf('raw', '');
    assert.equal(raw.url(), 'http://localhost:3000/demo/raw/upload/v1795368841/report');
    assert.equal(raw.url({}), raw.url());
    const message = /^A raw file cannot be transformed\. Upload it as an image\.$/;
    assert.throws(() => raw.url({ width: 300 }), { ...refused, message });
    assert.throws(() => raw.url({ format: 'jpg' }), { ...refused, message });
    assert.throws(() => raw.transform({ width: 300 }).url(), { ...refused, message });
    assert.throws(() => imgAttrs(raw, { width: 300, alt: '' }), { ...refused, message });
    assert.throws(() => dangerouslyBuildUrl(place, 'report', { width: 300 }, { resourceType: 'raw' }), refused);
  });

  it('of type video has pictures only with the format of a picture', () => {
    const video = assetOf('video', 'mp4');
    assert.match(video.url({ width: 300 }), /w_300\/v1795368841\/report\.mp4$/);
    const message = /report\.mp4 is not a picture\. .*videos need a format such as jpg\.$/;
    assert.throws(() => imgAttrs(video, { width: 300, alt: '' }), { ...refused, message });
    assert.throws(() => imgAttrs(video, { width: 300, alt: '', format: 'auto' }), { ...refused, message });
    assert.match(imgAttrs(video, { width: 300, alt: '', format: 'jpg' }).src, /report\.jpg$/);
  });
});

describe('an SVG', () => {
  it('has no largest size, because it is drawn in any size', () => {
    const { srcset, width, height } = imgAttrs(assetOf('image', 'svg'), { width: 300, alt: '' });
    assert.deepEqual(
      srcset.split(', ').map((candidate) => candidate.split(' ')[1]),
      ['300w', '320w', '600w'],
    );
    assert.deepEqual([width, height], [300, 300]);
  });

  it('fills a box in all candidates', () => {
    const { srcset } = imgAttrs(assetOf('image', 'svg'), { layout: 'fixed', width: 40, height: 20, alt: '' });
    assert.match(srcset, /c_fill,h_20,w_40\S* 1x, \S*c_fill,h_40,w_80\S* 2x$/);
  });

  it('after transform() has the size of that picture', () => {
    const { srcset } = imgAttrs(assetOf('image', 'svg').transform({ width: 100 }), { width: 300, alt: '' });
    assert.match(srcset, /^\S+ 100w$/);
  });
});
