// Loaded before the example, which names no host and would listen on every interface.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  if (!/^\d+$/.test(String(port)) || typeof rest[0] === 'string') {
    throw new Error('only a port without a host was expected here');
  }
  return listen.call(this, Number(port), '127.0.0.1', ...rest);
};
