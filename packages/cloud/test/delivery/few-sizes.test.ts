import assert from 'node:assert/strict';
import { type Delivery, parseDeliveryPath } from '@safelight/protocol';
import { repetitionsOfRun } from '../../../../test/servers/cases-of-run.ts';
import { nearestOfFewSizes } from '../../src/delivery/few-sizes.ts';

function deliveryOf(transformation: string, file = 'cat.jpg'): Delivery {
  const parsed = parseDeliveryPath(`/demo/image/upload/${transformation}/${file}`);
  assert.ok(parsed.ok, transformation);
  return parsed.delivery;
}

const keyOf = (transformation: string, file?: string) =>
  nearestOfFewSizes(deliveryOf(transformation, file), undefined).key;

describe('the few sizes of placeholders', () => {
  for (const [transformation, key] of Object.entries({
    'c_fill,h_300,w_400': 'c_fill,h_300,w_400.jpg ',
    'c_fill,h_3000,w_4000': 'c_fill,h_300,w_400.jpg ',
    'c_thumb,g_north,h_90,w_90': 'c_fill,h_100,w_100.jpg ',
    'c_crop,h_180,w_320,x_5': 'c_fill,h_233,w_400.jpg ',
    'b_red,c_pad,h_205,w_200': 'c_pad,h_200,w_200.jpg ',
    'c_limit,h_100,w_200': 'c_fit,h_100,w_200.jpg ',
    'c_scale,h_1,w_4000': 'c_fill,h_33,w_400.jpg ',
    'c_lfill,h_205,w_200': 'c_fill,h_200,w_200.jpg ',
    'c_lpad,h_205,w_200': 'c_pad,h_200,w_200.jpg ',
    'ar_1:1,c_fill,w_200': 'c_fill,h_200,w_200.jpg ',
    'c_fill,dpr_2.0,h_100,w_50': 'c_fill,h_200,w_100.jpg ',
    w_300: 'c_scale,w_400.jpg ',
    'c_limit,h_3': 'c_scale,h_100.jpg ',
    'w_0.5': 'c_limit,w_400.jpg ',
    'w_iw,h_ih': 'c_limit,w_400.jpg ',
    'a_7,q_1,e_blur:7': 'c_limit,w_400.jpg ',
    'c_fill,h_100,w_200/a_90': 'c_fill,h_200,w_100.jpg ',
    'a_270,c_fill,h_100,w_200': 'c_fill,h_200,w_100.jpg ',
    'a_90/c_fill,h_100,w_200': 'c_fill,h_100,w_200.jpg ',
    'c_fill,h_100,w_200/c_fill,h_100,w_100/e_grayscale': 'c_fill,h_100,w_100.jpg ',
    'c_fill,h_100,r_max,w_100/r_7': 'c_fill,h_100,r_max,w_100.jpg ',
    'w_100,f_png': 'c_scale,f_png,w_100. ',
  })) {
    it(`${transformation} is drawn as ${key.trim()}`, () => assert.equal(keyOf(transformation), key));
  }

  it('extensions of one format, and unknown ones, have one key each', () => {
    assert.equal(keyOf('w_100', 'cat.JPEG'), keyOf('w_100', 'cat.jpg'));
    assert.equal(keyOf('w_100', 'cat.svg'), keyOf('w_100', 'cat'));
    assert.notEqual(keyOf('w_100', 'cat.png'), keyOf('w_100', 'cat.jpg'));
  });

  it('any number of requests has a bounded number of keys, and the proportions differ by less than 5 %', () => {
    const keys = new Set<string>();
    const step = Math.ceil(2_000 / repetitionsOfRun({ first: 90, all: 286 }));
    for (let width = 1; width <= 2_000; width += step) {
      for (let height = 1; height <= 2_000; height += step) {
        const { delivery, key } = nearestOfFewSizes(
          deliveryOf(`c_fill,h_${height},w_${width},q_${1 + (width % 9)}`),
          undefined,
        );
        keys.add(key);
        const { width: w = 0, height: h = 0 } = delivery.transformation[0] ?? {};
        const asked = Math.min(width, height) / Math.max(width, height);
        const drawn = Math.min(Number(w), Number(h)) / Math.max(Number(w), Number(h));
        if (asked > 1 / 12) assert.ok(Math.abs(asked - drawn) < 0.05, `${width} x ${height} is drawn as ${w} x ${h}`);
      }
    }
    assert.ok(keys.size <= 69, `${keys.size}`);
  });
});
