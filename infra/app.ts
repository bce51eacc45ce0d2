import { fileURLToPath } from 'node:url';
import { App, DefaultStackSynthesizer, Tags } from 'aws-cdk-lib';
import toolkit from '../cdk.json' with { type: 'json' };
import { AppStack } from './app-stack.ts';
import { DataStack } from './data-stack.ts';
import { findStage } from './stages.ts';

export interface AppOptions {
  /** A name out of infra/stages.ts. */
  readonly stage: string;
  /** False: the template names the functions' sources, nothing is built; half a second, and no network. */
  readonly bundle: boolean;
  /** Folder for the cloud assembly; a temporary one by default. */
  readonly outdir?: string;
  /** CDK context over that of cdk.json; `port` moves the local stage's origins. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** The whole system of one stage: a data stack that outlives every deploy, and an app stack over it.
 *  Call `.synth()` on what it returns.
 *  @throws EngagementError `misconfigured` where the stage is unknown */
export const buildApp = (options: AppOptions): App => {
  const app = new App({
    analyticsReporting: false,
    // CloudFormation's own schema check costs two seconds; what is to be deployed gets it.
    builtinCloudFormationValidation: options.bundle,
    // The CLI refuses an account that is not bootstrapped anyhow; so the template needs no parameter and no rule.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    context: { ...toolkit.context },
    // What the caller says wins over cdk.json and over the CLI's -c.
    postCliContext: { ...options.context, ...(options.bundle ? {} : { 'aws:cdk:bundling-stacks': [] }) },
  });
  const port: unknown = app.node.tryGetContext('port');
  const stage = findStage(options.stage, port === undefined ? undefined : Number(port));
  const props = {
    stage,
    ...(stage.env === undefined ? {} : { env: stage.env }),
  };

  const data = new DataStack(app, `perennial-${stage.name}-data`, props);
  new AppStack(app, `perennial-${stage.name}`, { ...props, data });

  Tags.of(app).add('perennial:stage', stage.name);
  return app;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { addChecks } = await import('./checks.ts');
  const context = new App({ autoSynth: false }).node;
  const stage: unknown = context.tryGetContext('stage') ?? 'dev';
  const app = buildApp({ stage: String(stage), bundle: context.tryGetContext('bundle') !== 'false' });
  addChecks(app);
  app.synth();
}
