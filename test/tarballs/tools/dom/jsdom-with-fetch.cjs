const { TestEnvironment } = require('jest-environment-jsdom');

// The environment in the README of the client.
module.exports = class extends TestEnvironment {
  constructor(...parameters) {
    super(...parameters);
    Object.assign(this.global, { AbortController, AbortSignal, Blob, File, FormData, fetch, Headers, ReadableStream });
    Object.assign(this.global, { Request, Response, TextDecoder, TextEncoder, TransformStream });
    delete this.global.XMLHttpRequest;
  }
};
