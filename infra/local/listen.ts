import type { Server } from 'node:http';
import { EngagementError } from '../../shared/platform/errors.ts';

const HOST = '127.0.0.1';

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';

/** Opens the gateway on `port` and the AWS endpoint on the next one, on loopback only. 0: any two free neighbours.
 *  @returns the gateway's port
 *  @throws EngagementError conflict where one is taken */
export const listenAsPair = async (gateway: Server, endpoint: Server, port: number): Promise<number> => {
  for (let attempt = 0; ; attempt++) {
    try {
      const first = await listenOn(gateway, port);
      await listenOn(endpoint, first + 1);
      return first;
    } catch (error) {
      if (gateway.listening) await new Promise((resolve) => gateway.close(resolve));
      if (!isTaken(error)) throw error;
      if (port !== 0 || attempt === 20) {
        throw new EngagementError('conflict', `port ${port} or ${port + 1} is taken: choose another with --port`, {
          cause: error,
        });
      }
    }
  }
};
