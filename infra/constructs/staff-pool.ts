import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';

/** The roles of product.md; each a group of the user pool, so that the token says who comes. */
const STAFF_GROUPS = ['marketing', 'approver', 'manager', 'compliance', 'head', 'engineer'] as const;

/** Who may sign in. Accounts are made by an administrator, with a second factor. */
export class StaffPool extends Construct {
  readonly pool: cognito.UserPool;
  /** Scope that an access token of ours carries and an ID token never does: the API asks for it (S05). */
  readonly scope: cognito.OAuthScope;
  private readonly domain: cognito.UserPoolDomain;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    this.pool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      mfa: cognito.Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
        tempPasswordValidity: Duration.days(3),
      },
      featurePlan: cognito.FeaturePlan.PLUS,
      standardThreatProtectionMode: cognito.StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const group of STAFF_GROUPS) this.pool.addGroup(`Group-${group}`, { groupName: group });

    const use = new cognito.ResourceServerScope({ scopeName: 'use', scopeDescription: 'Use Perennial' });
    const server = this.pool.addResourceServer('Api', { identifier: 'perennial', scopes: [use] });
    this.scope = cognito.OAuthScope.resourceServer(server, use);

    this.domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `perennial-${props.stage.name}-${Stack.of(this).account}` },
    });
  }

  /** Origin of the hosted sign-in page. */
  get signInOrigin(): string {
    return this.domain.baseUrl();
  }
}
