import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import type { Place } from './kinds.ts';
import { common, flag, ignored, number, readProperties } from './properties.ts';
import type { Resource } from './resolve.ts';
import type {
  ApiRoute,
  ConfigurationSetResource,
  EmailIdentityResource,
  FunctionResource,
  HttpApiResource,
  UserPoolResource,
} from './resources.ts';

const configurationSetProperties = z.strictObject({
  ...common,
  Name: ignored,
  ReputationOptions: ignored,
  SendingOptions: ignored,
  DeliveryOptions: ignored,
  SuppressionOptions: ignored,
  TrackingOptions: ignored,
  VdmOptions: ignored,
});

const destinationProperties = z.strictObject({
  ConfigurationSetName: z.string(),
  EventDestination: z.strictObject({
    Name: z.string().optional(),
    Enabled: flag.default(true),
    MatchingEventTypes: z.array(z.string()),
    SnsDestination: z.strictObject({ TopicARN: z.string() }),
  }),
});

export const readConfigurationSets = (
  resources: readonly Resource[],
  place: Place,
): readonly ConfigurationSetResource[] => {
  const destinations = resources
    .filter(({ type }) => type === 'AWS::SES::ConfigurationSetEventDestination')
    .map((resource) => ({ resource, read: readProperties(resource, destinationProperties) }));
  return resources
    .filter(({ type }) => type === 'AWS::SES::ConfigurationSet')
    .map((resource) => {
      readProperties(resource, configurationSetProperties);
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: `arn:aws:ses:${place.region}:${place.account}:configuration-set/${resource.name}`,
        destinations: destinations
          .filter(({ read }) => read.ConfigurationSetName === resource.name)
          .map(({ resource: destination, read }) => ({
            name: read.EventDestination.Name ?? destination.logicalId,
            topicArn: read.EventDestination.SnsDestination.TopicARN,
            events: read.EventDestination.MatchingEventTypes.map((type) =>
              type === type.toUpperCase() ? camelCase(type) : type,
            ),
            enabled: read.EventDestination.Enabled,
          })),
      };
    });
};

/** `RENDERING_FAILURE` → `renderingFailure`: CloudFormation takes both spellings. */
const camelCase = (name: string): string =>
  name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const identityProperties = z.strictObject({
  ...common,
  EmailIdentity: ignored,
  ConfigurationSetAttributes: z.strictObject({ ConfigurationSetName: z.string() }).optional(),
  DkimAttributes: ignored,
  DkimSigningAttributes: ignored,
  FeedbackAttributes: ignored,
  MailFromAttributes: ignored,
});

export const readEmailIdentities = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
): readonly EmailIdentityResource[] =>
  resources
    .filter(({ type }) => type === 'AWS::SES::EmailIdentity')
    .map((resource) => {
      const read = readProperties(resource, identityProperties);
      const set = read.ConfigurationSetAttributes?.ConfigurationSetName;
      return {
        logicalId: resource.logicalId,
        name: resource.name,
        arn: arnOf(resource),
        ...(set === undefined ? {} : { defaultConfigurationSet: set }),
      };
    });

const clientProperties = z.looseObject({
  UserPoolId: z.string(),
  CallbackURLs: z.array(z.string()).default([]),
  LogoutURLs: z.array(z.string()).default([]),
  AllowedOAuthScopes: z.array(z.string()).default([]),
  GenerateSecret: flag.default(false),
  IdTokenValidity: number.optional(),
  AccessTokenValidity: number.optional(),
  TokenValidityUnits: z
    .strictObject({ IdToken: z.string(), AccessToken: z.string(), RefreshToken: z.string() })
    .partial()
    .optional(),
});

const MINUTES: Readonly<Record<string, number>> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 1440 };
const minutes = (value: number | undefined, unit: string | undefined): number =>
  value === undefined ? 60 : value * (MINUTES[unit ?? 'hours'] ?? 60);

/** The user pools. Loose about properties of sign-up and recovery: the local sign-in page asks for no password. */
export const readUserPools = (
  resources: readonly Resource[],
  arnOf: (resource: Resource) => string,
  place: Place,
): readonly UserPoolResource[] => {
  const of = (type: string, pool: Resource) =>
    resources.filter((resource) => resource.type === type && resource.properties['UserPoolId'] === pool.ref);
  return resources
    .filter(({ type }) => type === 'AWS::Cognito::UserPool')
    .map((pool) => {
      const domain = of('AWS::Cognito::UserPoolDomain', pool)[0]?.name;
      return {
        logicalId: pool.logicalId,
        id: pool.ref,
        arn: arnOf(pool),
        issuer: `https://cognito-idp.${place.region}.amazonaws.com/${pool.ref}`,
        groups: of('AWS::Cognito::UserPoolGroup', pool).map((group) => group.name),
        ...(domain === undefined ? {} : { domain }),
        clients: of('AWS::Cognito::UserPoolClient', pool).map((client) => {
          const read = readProperties(client, clientProperties);
          if (read.GenerateSecret) {
            throw new EngagementError(
              'misconfigured',
              `user pool client ${client.logicalId} has a secret: only public clients (PKCE) run locally`,
            );
          }
          return {
            logicalId: client.logicalId,
            id: client.ref,
            callbackUrls: read.CallbackURLs,
            logoutUrls: read.LogoutURLs,
            scopes: read.AllowedOAuthScopes,
            idTokenMinutes: minutes(read.IdTokenValidity, read.TokenValidityUnits?.IdToken),
            accessTokenMinutes: minutes(read.AccessTokenValidity, read.TokenValidityUnits?.AccessToken),
          };
        }),
      };
    });
};

const apiProperties = z.strictObject({
  ...common,
  Name: z.string(),
  Description: ignored,
  ProtocolType: z.literal('HTTP'),
  DisableExecuteApiEndpoint: ignored,
  CorsConfiguration: z
    .strictObject({
      AllowOrigins: z.array(z.string()).default([]),
      AllowMethods: z.array(z.string()).default([]),
      AllowHeaders: z.array(z.string()).default([]),
      ExposeHeaders: ignored,
      AllowCredentials: ignored,
      MaxAge: number.optional(),
    })
    .optional(),
});

const integrationProperties = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  IntegrationMethod: ignored,
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: ignored,
  Description: ignored,
});

const routeProperties = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['NONE', 'JWT']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
  OperationName: ignored,
});

const authorizerProperties = z.strictObject({
  ApiId: z.string(),
  Name: ignored,
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.array(z.string()),
  JwtConfiguration: z.strictObject({ Issuer: z.string(), Audience: z.array(z.string()) }),
});

const throttle = z.looseObject({ ThrottlingRateLimit: number.optional(), ThrottlingBurstLimit: number.optional() });
const stageProperties = z.strictObject({
  ...common,
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: flag,
  Description: ignored,
  AccessLogSettings: ignored,
  DefaultRouteSettings: throttle.optional(),
  RouteSettings: z.record(z.string(), throttle).default({}),
});

const throttleOf = (settings: z.infer<typeof throttle>): { rate?: number; burst?: number } => ({
  ...(settings.ThrottlingRateLimit === undefined ? {} : { rate: settings.ThrottlingRateLimit }),
  ...(settings.ThrottlingBurstLimit === undefined ? {} : { burst: settings.ThrottlingBurstLimit }),
});

/** The HTTP APIs with their routes, each already joined to the function that answers it. */
export const readApis = (
  resources: readonly Resource[],
  functions: readonly FunctionResource[],
  place: Place,
): readonly HttpApiResource[] =>
  resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Api')
    .map((api) => {
      const read = readProperties(api, apiProperties);
      const of = <T extends { ApiId: string }>(type: string, schema: z.ZodType<T>) =>
        resources
          .filter((resource) => resource.type === type)
          .map((resource) => ({ resource, read: readProperties(resource, schema) }))
          .filter((found) => found.read.ApiId === api.ref);
      const integrations = new Map(
        of('AWS::ApiGatewayV2::Integration', integrationProperties).map(({ resource, read: integration }) => [
          resource.ref,
          functions.find((fn) => integration.IntegrationUri.includes(fn.arn)),
        ]),
      );
      const routes = of('AWS::ApiGatewayV2::Route', routeProperties).map(({ resource, read: route }): ApiRoute => {
        const target = integrations.get(route.Target.replace(/^integrations\//, ''));
        if (!target) {
          throw new EngagementError(
            'misconfigured',
            `route "${route.RouteKey}" (${resource.logicalId}) leads to no function of the template`,
          );
        }
        return {
          key: route.RouteKey,
          functionId: target.logicalId,
          ...(route.AuthorizationType === 'JWT' && route.AuthorizerId ? { authorizerId: route.AuthorizerId } : {}),
          scopes: route.AuthorizationScopes,
        };
      });
      const stages = of('AWS::ApiGatewayV2::Stage', stageProperties);
      const settings = stages[0]?.read;
      return {
        logicalId: api.logicalId,
        id: api.ref,
        name: read.Name,
        arn: `arn:aws:execute-api:${place.region}:${place.account}:${api.ref}`,
        routes,
        authorizers: of('AWS::ApiGatewayV2::Authorizer', authorizerProperties).map(
          ({ resource, read: authorizer }) => ({
            logicalId: resource.ref,
            issuer: authorizer.JwtConfiguration.Issuer,
            audience: authorizer.JwtConfiguration.Audience,
            identitySource: authorizer.IdentitySource[0] ?? '$request.header.Authorization',
          }),
        ),
        ...(read.CorsConfiguration
          ? {
              cors: {
                origins: read.CorsConfiguration.AllowOrigins,
                methods: read.CorsConfiguration.AllowMethods,
                headers: read.CorsConfiguration.AllowHeaders,
                ...(read.CorsConfiguration.MaxAge === undefined
                  ? {}
                  : { maxAgeSeconds: read.CorsConfiguration.MaxAge }),
              },
            }
          : {}),
        throttles: Object.fromEntries([
          ...(settings?.DefaultRouteSettings ? [['*', throttleOf(settings.DefaultRouteSettings)] as const] : []),
          ...Object.entries(settings?.RouteSettings ?? {}).map(([key, value]) => [key, throttleOf(value)] as const),
        ]),
      };
    });
