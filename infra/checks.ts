import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/** Has every synth of `app` checked against the AwsSolutions and Serverless packs; one finding that nobody answered for
 *  stops it. Apart from app.ts, so that the local runtime starts without loading the packs. */
export const addChecks = (app: App): void => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
};
