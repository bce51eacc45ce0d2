import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Stage } from '../stages.ts';
import type { StaffPool } from './staff-pool.ts';

const { GET, POST, ANY } = apigateway.HttpMethod;

export interface WebApiProps {
  readonly stage: Stage;
  readonly key: kms.IKey;
  readonly staff: StaffPool;
}

/** The way in for browsers: signed pages for customers, the API and the first page for staff. */
export class WebApi extends Construct {
  /** Where customers' links lead; no slash at the end. */
  readonly publicOrigin: string;
  /** Staff's browsers, as the user pool knows them: code flow with PKCE, no secret to keep. */
  readonly client: cognito.UserPoolClient;
  readonly api: apigateway.HttpApi;
  private readonly staff: StaffPool;
  /** One for all routes: it becomes a resource where the first of them binds it. */
  private readonly authorizer: HttpJwtAuthorizer;

  constructor(scope: Construct, id: string, props: WebApiProps) {
    super(scope, id);
    this.staff = props.staff;
    this.api = new apigateway.HttpApi(this, 'Api', {
      apiName: `perennial-${props.stage.name}`,
      createDefaultStage: false,
    });
    const log = new logs.LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/perennial-${props.stage.name}-api`,
      retention: props.stage.logDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 500, burstLimit: 1_000 },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(log), format: ACCESS_LOG },
    });
    this.publicOrigin = props.stage.publicOrigin ?? this.api.apiEndpoint;

    this.client = new cognito.UserPoolClient(this, 'Client', {
      userPool: props.staff.pool,
      generateSecret: false,
      preventUserExistenceErrors: true,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, props.staff.scope],
        callbackUrls: [`${this.publicOrigin}/`],
        logoutUrls: [`${this.publicOrigin}/`],
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(10),
      enableTokenRevocation: true,
    });
    const issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${props.staff.pool.userPoolId}`;
    this.authorizer = new HttpJwtAuthorizer('staff', issuer, { jwtAudience: [this.client.userPoolClientId] });
  }

  /** Pages that anyone may open; those for customers check the signature in their path themselves.
   *  @param routes such as `GET /r/{token}`
   *  @param reason why no sign-in is asked for */
  open(handler: lambda.IFunction, routes: readonly string[], reason: string): void {
    const integration = new HttpLambdaIntegration(`${handler.node.id}-open`, handler);
    for (const route of this.add(routes, integration)) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
  }

  /** Routes for those who hold an access token of ours (an ID token lacks the scope). */
  guarded(handler: lambda.IFunction, routes: readonly string[]): void {
    const integration = new HttpLambdaIntegration(`${handler.node.id}-guarded`, handler);
    this.add(routes, integration, {
      authorizer: this.authorizer,
      authorizationScopes: [this.staff.scope.scopeName],
    });
  }

  private add(
    routes: readonly string[],
    integration: HttpLambdaIntegration,
    guard: Pick<apigateway.AddRoutesOptions, 'authorizer' | 'authorizationScopes'> = {},
  ): apigateway.HttpRoute[] {
    return routes.flatMap((route) => {
      const [verb, path] = route.split(' ') as ['GET' | 'POST' | 'ANY', string];
      return this.api.addRoutes({ path, methods: [{ GET, POST, ANY }[verb]], integration, ...guard });
    });
  }
}

/** One line of JSON a request. The route's key, not the path: paths of customers' pages hold their token. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    at: '$context.requestTime',
    request: '$context.requestId',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    ms: '$context.responseLatency',
    failure: '$context.integrationErrorMessage',
    refusal: '$context.authorizer.error',
  }),
);
