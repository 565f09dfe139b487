/** The response of Cloudinary's upload API to a signed upload with one eager derivation. */
export const cloudinaryUploadResponse = {
  asset_id: '3515c6000a548515f1134043f9785c2f',
  public_id: 'folder/x',
  version: 1719307544,
  version_id: '7d2cc533bee9ff39f7da7414b61fce7e',
  signature: '8fbff29bac8441a4b0e24aa05f0c8e56ff22211d',
  width: 1920,
  height: 1441,
  format: 'jpg',
  resource_type: 'image',
  created_at: '2024-06-25T09:25:44Z',
  tags: [],
  pages: 1,
  bytes: 896838,
  type: 'upload',
  etag: '2a2df1d2d2c3b675521e866599273083',
  placeholder: false,
  url: 'http://res.cloudinary.com/demo/image/upload/v1719307544/folder/x.jpg',
  secure_url: 'https://res.cloudinary.com/demo/image/upload/v1719307544/folder/x.jpg',
  asset_folder: '',
  display_name: 'x',
  original_filename: 'sample',
  eager: [
    {
      transformation: 'c_pad,h_300,w_400',
      width: 400,
      height: 300,
      bytes: 26775,
      format: 'jpg',
      url: 'http://res.cloudinary.com/demo/image/upload/c_pad,h_300,w_400/v1719307544/folder/x.jpg',
      secure_url: 'https://res.cloudinary.com/demo/image/upload/c_pad,h_300,w_400/v1719307544/folder/x.jpg',
    },
  ],
  api_key: '1234',
} as const;

/** The response of a server that has stored a small picture with the ID `cat`. */
export const catResponse = {
  public_id: 'cat',
  version: 1795368841,
  resource_type: 'image',
  format: 'jpg',
  width: 2400,
  height: 1600,
  bytes: 7,
} as const;
