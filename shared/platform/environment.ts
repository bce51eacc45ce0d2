import { EngagementError } from './errors.ts';

/** The value of an environment variable that the stack sets. @throws EngagementError `misconfigured` where it is missing */
export const required = (
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const value = environment[name];
  if (value === undefined || value === '')
    throw new EngagementError(
      'misconfigured',
      `environment variable ${name} is missing: bind it in infra/app-stack.ts`,
    );
  return value;
};
