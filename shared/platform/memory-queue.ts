import type { Queue } from './queue.ts';

/** A queue in memory that keeps what is sent, for tests and the simulation rig: `take` empties it. */
export const createMemoryQueue = <Message>(): Queue<Message> & {
  readonly messages: Message[];
  take(): Message[];
} => {
  const messages: Message[] = [];
  return {
    messages,
    take: () => messages.splice(0),
    async send(sent) {
      // through JSON, as on the wire: what does not survive it must fail in a test too
      for (const message of sent) messages.push(JSON.parse(JSON.stringify(message)) as Message);
    },
  };
};
