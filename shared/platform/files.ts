import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A folder of files that lies beside the code and is read when needed. */
export interface Files {
  /** The text of a file, or undefined where there is none. @param name plain, with folders by `/` */
  read(name: string): Promise<string | undefined>;
}

/**
 * A folder of the build. It is named from the entry, `new URL('../../folder/', import.meta.url)`, so that source and
 * bundle find it alike (infra/constructs/function-code.ts, `folders`).
 */
export const createFiles = (folder: URL): Files => ({
  read: async (name) => {
    if (!/^[\w-]+(\.[\w-]+|\/[\w-]+)*$/.test(name)) return undefined;
    try {
      return await readFile(fileURLToPath(new URL(name, folder)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
});
