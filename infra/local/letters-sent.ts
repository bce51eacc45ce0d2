import type { S3 } from './fakes/s3/s3.ts';

/** The object a path-style request writes, where it is a letter in a print batch; undefined for anything else. */
const letterOf = (method: string, path: string, bucket: string): string | undefined =>
  method === 'PUT' && path.startsWith(`/${bucket}/batches/`) && path.endsWith('.pdf') ? path : undefined;

/** S3, with the letters counted that were handed over to the print house. Writing one again counts nothing. */
export const countingLetters = (
  s3: S3,
  bucket: string | undefined,
): { readonly s3: S3; readonly count: () => number } => {
  const letters = new Set<string>();
  return {
    s3: {
      ...s3,
      async handle(request) {
        const answered = await s3.handle(request);
        const letter = bucket === undefined ? undefined : letterOf(request.method, request.path, bucket);
        if (letter !== undefined && answered.status === 200) letters.add(letter);
        return answered;
      },
    },
    count: () => letters.size,
  };
};
