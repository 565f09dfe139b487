import { formatDeliveryPath, formatTransformation, parseDeliveryPath } from '@safelight/protocol';

const parsed = parseDeliveryPath('/demo/image/upload/w_300,h_200,c_fill/v1795368841/pets/cat.jpg');
if (!parsed.ok) throw new Error(parsed.message);
console.log(JSON.stringify([formatDeliveryPath(parsed.delivery), formatTransformation([{ width: 300, quality: 80 }])]));
