/** The synthesized template with every intrinsic resolved: what the local runtime runs. All names and ARNs are final. */

/** The account and region every local ARN names. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** One allow or deny statement of an identity policy, resolved. `*` may stand in actions and resources. */
export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** operator → key → values, as in the template; the start refuses operators that are not evaluated. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface FunctionResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the TypeScript module, and the name of its exported handler. */
  readonly entry: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** ReservedConcurrentExecutions, where set. */
  readonly concurrency?: number;
  /** Queue for events it failed on when nobody waited for the answer. */
  readonly deadLetterArn?: string;
  readonly statements: readonly PolicyStatement[];
}

export interface QueueResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
  /** Statements of its resource policy: who outside may send. */
  readonly policy: readonly ResourcePolicyStatement[];
}

/** A statement of a queue's, topic's or bucket's own policy, as far as services (SNS, S3, EventBridge) are concerned. */
export interface ResourcePolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  /** Service principals such as `sns.amazonaws.com`, or `*`. */
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export interface EventSourceResource {
  readonly logicalId: string;
  readonly queueArn: string;
  readonly functionId: string;
  readonly batchSize: number;
  /** True with FunctionResponseTypes ReportBatchItemFailures. */
  readonly reportsFailures: boolean;
  readonly maxConcurrency?: number;
  readonly enabled: boolean;
}

export interface KeyField {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
  readonly role: 'HASH' | 'RANGE';
}

export interface TableIndex {
  readonly name: string;
  readonly keys: readonly KeyField[];
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly nonKeyAttributes?: readonly string[];
}

export interface TableResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly keys: readonly KeyField[];
  readonly indexes: readonly TableIndex[];
  /** Attribute holding an epoch second after which an item may go. */
  readonly ttlAttribute?: string;
}

export interface BucketNotification {
  /** `s3:ObjectCreated:*` and the like. */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
  readonly targetArn: string;
}

export interface BucketResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly versioned: boolean;
  /** Object lock is on; the default retention of new versions, where one is set. */
  readonly objectLock?: { readonly mode?: 'GOVERNANCE' | 'COMPLIANCE'; readonly days?: number };
  readonly notifications: readonly BucketNotification[];
  /** Statements of its policy, as far as services are concerned. */
  readonly policy: readonly ResourcePolicyStatement[];
  /** CORS origins allowed to PUT from a browser, as in the template. */
  readonly corsOrigins: readonly string[];
}

export interface TopicResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly policy: readonly ResourcePolicyStatement[];
}

export interface SubscriptionResource {
  readonly logicalId: string;
  readonly topicArn: string;
  readonly protocol: 'sqs' | 'lambda';
  readonly endpointArn: string;
  readonly rawMessageDelivery: boolean;
  readonly deadLetterArn?: string;
}

export interface BusResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly deadLetterArn?: string;
  readonly retry?: { readonly maxAttempts?: number; readonly maxAgeSeconds?: number };
  readonly input?: string;
  readonly inputPath?: string;
}

export interface RuleResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  /** EventBridge event pattern; read by the bus fake, which refuses operators it does not know at start. */
  readonly pattern: unknown;
  readonly enabled: boolean;
  readonly targets: readonly RuleTarget[];
}

export interface ScheduleResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** `rate(1 minute)`, `cron(…)` or `at(…)`. */
  readonly expression: string;
  /** IANA zone of the expression. */
  readonly zone: string;
  readonly enabled: boolean;
  readonly targetArn: string;
  /** JSON text; may hold `<aws.scheduler.scheduled-time>` and its kin. */
  readonly input?: string;
  readonly retry: { readonly maxAttempts: number; readonly maxAgeSeconds: number };
  readonly deadLetterArn?: string;
}

export interface ConfigurationSetResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly destinations: readonly {
    readonly name: string;
    readonly topicArn: string;
    /** Lowercase SES event types: send, delivery, bounce, complaint, reject, open, click, renderingFailure, deliveryDelay. */
    readonly events: readonly string[];
    readonly enabled: boolean;
  }[];
}

export interface EmailIdentityResource {
  readonly logicalId: string;
  /** A domain, or one address. */
  readonly name: string;
  readonly arn: string;
  readonly defaultConfigurationSet?: string;
}

/** What SES does with mail that comes in for some recipients: it goes into a bucket. */
export interface ReceiptRuleResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** Addresses, domains, or with a leading dot the domains below one; none: every recipient. */
  readonly recipients: readonly string[];
  /** Whether SES says what it thinks of spam and viruses. */
  readonly scans: boolean;
  readonly bucketName: string;
  readonly prefix: string;
}

export interface UserPoolResource {
  readonly logicalId: string;
  readonly id: string;
  readonly arn: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  readonly groups: readonly string[];
  /** Hosted sign-in origin, where the pool has a domain. */
  readonly domain?: string;
  readonly clients: readonly UserPoolClient[];
}

export interface UserPoolClient {
  readonly logicalId: string;
  readonly id: string;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly scopes: readonly string[];
  readonly idTokenMinutes: number;
  readonly accessTokenMinutes: number;
}

export interface SecretResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** GenerateSecretString of the template; undefined: the literal `value`. */
  readonly generate?: {
    readonly length: number;
    readonly excludePunctuation: boolean;
    readonly excludeCharacters: string;
    readonly template?: string;
    readonly key?: string;
  };
  readonly value?: string;
}

export interface ApiAuthorizer {
  readonly logicalId: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** `$request.header.Authorization` */
  readonly identitySource: string;
}

export interface ApiRoute {
  /** `GET /r/{token}`, `ANY /api/{proxy+}` or `$default`. */
  readonly key: string;
  readonly functionId: string;
  readonly authorizerId?: string;
  readonly scopes: readonly string[];
}

export interface HttpApiResource {
  readonly logicalId: string;
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly routes: readonly ApiRoute[];
  readonly authorizers: readonly ApiAuthorizer[];
  readonly cors?: {
    readonly origins: readonly string[];
    readonly methods: readonly string[];
    readonly headers: readonly string[];
    readonly maxAgeSeconds?: number;
  };
  /** Requests a second and burst, by route key; `*` is the stage's default. */
  readonly throttles: Readonly<Record<string, { readonly rate?: number; readonly burst?: number }>>;
}

/** What the template gives functions as environment variable `name`; undefined where none of them has it. */
export const valueOf = (resources: Pick<Resources, 'functions'>, name: string): string | undefined =>
  resources.functions.map((fn) => fn.environment[name]).find((value) => value !== undefined);

/** Everything the template asks for, by kind. */
export interface Resources {
  readonly account: string;
  readonly region: string;
  /** Origin of the AWS endpoint, `http://127.0.0.1:4601`. */
  readonly endpoint: string;
  /** Origin of the HTTP API and `/local`, `http://127.0.0.1:4600`. */
  readonly origin: string;
  readonly functions: readonly FunctionResource[];
  readonly queues: readonly QueueResource[];
  readonly eventSources: readonly EventSourceResource[];
  readonly tables: readonly TableResource[];
  readonly buckets: readonly BucketResource[];
  readonly topics: readonly TopicResource[];
  readonly subscriptions: readonly SubscriptionResource[];
  readonly buses: readonly BusResource[];
  readonly rules: readonly RuleResource[];
  readonly schedules: readonly ScheduleResource[];
  readonly configurationSets: readonly ConfigurationSetResource[];
  readonly emailIdentities: readonly EmailIdentityResource[];
  readonly receiptRules: readonly ReceiptRuleResource[];
  readonly userPools: readonly UserPoolResource[];
  readonly secrets: readonly SecretResource[];
  readonly apis: readonly HttpApiResource[];
}
