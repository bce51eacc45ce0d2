/** Makes `make` run at the first call only, and again only after it failed: nothing touches AWS before it is needed, and a
 *  fault at the first call does not stay for the life of the container. */
export const once = <Made>(make: () => Promise<Made>): (() => Promise<Made>) => {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
};
