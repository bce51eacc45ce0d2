import { Stack, Validations } from 'aws-cdk-lib';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';

/** Says why the policies below `scope` may name `resources` although they end in a wildcard. cdk-nag puts the resource
 *  into the finding's id as the template writes it, which is known only once references between stacks are resolved;
 *  construct validation is the first hook after that. */
export const acknowledgeResources = (scope: IConstruct, resources: readonly string[], reason: string): void => {
  scope.node.addValidation({
    validate: () => {
      for (const resource of resources) {
        const id = `AwsSolutions-IAM5[Resource::${flattenCfnReference(Stack.of(scope).resolve(resource))}]`;
        Validations.of(scope).acknowledge({ id, reason });
      }
      return [];
    },
  });
};
