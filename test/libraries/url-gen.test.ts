import { Cloudinary } from '@cloudinary/url-gen';
import { opacity } from '@cloudinary/url-gen/actions/adjust';
import { dpr, format, quality } from '@cloudinary/url-gen/actions/delivery';
import { name } from '@cloudinary/url-gen/actions/namedTransformation';
import {
  crop,
  fill,
  fillPad,
  fit as fitInside,
  limitFill,
  limitFit,
  limitPad,
  minimumFit,
  minimumPad,
  pad,
  scale,
  thumbnail,
} from '@cloudinary/url-gen/actions/resize';
import { byRadius } from '@cloudinary/url-gen/actions/roundCorners';
import { attachment, immutableCache, progressive } from '@cloudinary/url-gen/qualifiers/flag';
import { autoGravity, compass } from '@cloudinary/url-gen/qualifiers/gravity';
import { deliversAll, type LibraryCall, publicId } from './library-site.ts';

const cloudinary = new Cloudinary({ cloud: { cloudName: 'demo' }, url: { analytics: false } });
const picture = () => cloudinary.image(publicId);
const jpeg = 'image/jpeg';

const rows: readonly (readonly [
  call: string,
  picture: ReturnType<typeof picture>,
  size: LibraryCall['size'],
  type?: string,
])[] = [
  ['scale().width(400)', picture().resize(scale().width(400)), [400, 250], jpeg],
  ['fill(300, 300)', picture().resize(fill(300, 300)), [300, 300], jpeg],
  ['fill().aspectRatio(16:9)', picture().resize(fill().width(320).aspectRatio('16:9')), [320, 180], jpeg],
  ['fill().aspectRatio(1.0) alone', picture().resize(fill().aspectRatio(1)), [1000, 1000], jpeg],
  ['limitFill of a smaller box', picture().resize(limitFill(200, 200)), [200, 200], jpeg],
  ['limitFill of a larger box', picture().resize(limitFill(3000, 3000)), [1600, 1000], jpeg],
  ['fit(300, 300)', picture().resize(fitInside(300, 300)), [300, 188], jpeg],
  ['limitFit(3000, 3000)', picture().resize(limitFit(3000, 3000)), [1600, 1000], jpeg],
  ['minimumFit(2000, 2000)', picture().resize(minimumFit(2000, 2000)), [2000, 1250], jpeg],
  ['pad(300, 300)', picture().resize(pad(300, 300)), [300, 300], jpeg],
  ['limitPad(1800, 1200)', picture().resize(limitPad(1800, 1200)), [1800, 1200], jpeg],
  ['minimumPad(500, 1200)', picture().resize(minimumPad(500, 1200)), [1600, 1200], jpeg],
  ['fillPad(200, 400)', picture().resize(fillPad(200, 400).gravity(autoGravity())), [200, 400], jpeg],
  ['crop(0.5, 0.5).x(0.25)', picture().resize(crop().width('0.5').height('0.5').x('0.25').y('0.1')), [800, 500], jpeg],
  [
    'thumbnail().zoom(1.5)',
    picture().resize(thumbnail(150, 150).gravity(compass('north')).zoom(1.5)),
    [150, 150],
    jpeg,
  ],
  ['delivery(dpr(2.0))', picture().resize(scale().width(200)).delivery(dpr('2.0')), [400, 250], jpeg],
  [
    'delivery(format(auto))',
    picture().resize(fill(90, 60)).delivery(format('auto')).delivery(quality('auto')),
    [90, 60],
  ],
  ['quality(80).chromaSubSampling', picture().resize(fill(90, 60)).delivery(quality('80:444')), [90, 60], jpeg],
  ['adjust(opacity(50))', picture().adjust(opacity(50)).delivery(format('png')), [1600, 1000], 'image/png'],
  ['addFlag(progressive)', picture().resize(scale(80, 50)).addFlag(progressive()), [80, 50], jpeg],
  ['addFlag(attachment(cat))', picture().resize(scale(80, 50)).addFlag(attachment('cat')), [80, 50], jpeg],
  ['addFlag(immutableCache)', picture().resize(scale(80, 50)).addFlag(immutableCache()), [80, 50], jpeg],
  ['namedTransformation(thumb)', picture().namedTransformation(name('thumb')), [100, 100], jpeg],
  [
    'roundCorners(byRadius(20))',
    picture().resize(fill(90, 60)).roundCorners(byRadius(20)).format('png'),
    [90, 60],
    'image/png',
  ],
];

deliversAll(
  '@cloudinary/url-gen',
  rows.map(([call, image, size, type]) => ({
    call,
    url: image.toURL(),
    size,
    ...(type === undefined ? {} : { type }),
  })),
);
