import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { uploadStringToSign } from '@safelight/protocol';

const secret = 'safelight-secret';
const hex = (text: string, algorithm = 'sha1'): string =>
  createHash(algorithm)
    .update(text + secret)
    .digest('hex');

// The signatures come from Cloudinary's Node SDK.
describe('uploadStringToSign', () => {
  const upload = {
    timestamp: '1719307544',
    public_id: 'folder/x',
    tags: ['a', 'b'],
    overwrite: '1',
    invalidate: '1',
    eager: 'c_scale,w_100|c_fill,h_100,w_200/jpg',
  };

  it('signs an upload', () => {
    assert.equal(hex(uploadStringToSign(upload, 2)), 'deeecb7dbfdafebb121c7890babd4d33d29c8dd1');
    assert.equal(
      hex(uploadStringToSign(upload), 'sha256'),
      '030a67876f46fd3522a4afa1b9287e7958c677e02b90ff24feb509e13d762b1c',
    );
  });

  it('leaves out parameters that are not signed or empty', () => {
    const more = { ...upload, file: 'x', cloud_name: 'demo', resource_type: 'image', api_key: '1', signature: 'z' };
    assert.equal(
      uploadStringToSign({ ...more, context: '', folder: undefined, regions: [] }),
      uploadStringToSign(upload),
    );
  });

  it('writes only & differently in the two versions', () => {
    const rename = {
      from_public_id: 'a',
      to_public_id: 'b',
      notification_url: 'https://h.example/x?a=1&b=2',
      timestamp: '1719307544',
    };
    assert.equal(hex(uploadStringToSign(rename, 1)), '0eadb88924f44589d7e9371610d7e219d85701ce');
    assert.equal(hex(uploadStringToSign(rename, 2)), '66be9acaab2a834f1164ef7cc334aa673110b83e');
  });

  it('joins repeated parameters under their name without brackets', () => {
    const tag = { 'public_ids[]': ['a', 'b'], command: 'add', tag: 't', timestamp: '1719307544' };
    assert.equal(hex(uploadStringToSign(tag)), '89c04b225f6620ad7fc571bffd39d73c2a18680e');
  });

  it('signs a response', () => {
    const response = uploadStringToSign({ public_id: 'folder/x', version: '1719307544' }, 1);
    assert.equal(hex(response), '8fbff29bac8441a4b0e24aa05f0c8e56ff22211d');
  });
});
