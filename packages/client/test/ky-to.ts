import ky, { type KyInstance } from 'ky';

/** A ky that sends the requests for one origin to another one: with a public host name, but without its network. */
export function kyTo(to: string, from: string): KyInstance {
  return ky.create({
    fetch: (input, init) => {
      const request = new Request(input, init);
      return fetch(new Request(request.url.replace(from, to), request));
    },
  });
}

/** A ky that gives its requests to a function of this process, in place of the network. */
export function kyInProcess(respond: (request: Request) => Promise<Response>): KyInstance {
  return ky.create({ fetch: (input, init) => respond(new Request(input, init)) });
}
