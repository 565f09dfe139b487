import ky, { type KyInstance } from 'ky';

/** A ky whose requests for one origin go to another: the name of somebody's host, without its network. */
export function kyTo(to: string, from: string): KyInstance {
  return ky.create({
    fetch: (input, init) => {
      const request = new Request(input, init);
      return fetch(new Request(request.url.replace(from, to), request));
    },
  });
}
