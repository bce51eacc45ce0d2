import { EngagementError } from '../shared/platform/errors.ts';

/** What differs from stage to stage. An insurer edits the values of `dev` and `prod` here; see docs/guides/deploy.md. */
export interface Stage {
  readonly name: string;
  /** Fixed account and region; without them the stage goes where the CLI's credentials point. */
  readonly env?: { readonly account: string; readonly region: string };
  /** Where customers' links lead, without a slash at the end; without it, the HTTP API's own address. */
  readonly publicOrigin?: string;
  /** Where staff sign in; without it, the user pool's hosted page. */
  readonly signInOrigin?: string;
  /** Domain of the From addresses; its DKIM records must be published before the first mail. */
  readonly senderDomain: string;
  /** Where webhooks and gateways may be: `public` addresses by HTTPS, or `loopback`, for trying out on one machine. */
  readonly outboundNetwork: 'public' | 'loopback';
  /** Who is told by e-mail when an alarm rings; one confirms the subscription by a link. */
  readonly alarmReceivers: readonly string[];
  /** Days that function and access logs are kept; one of the values CloudWatch knows. */
  readonly logDays: number;
  /** Days for which a message as sent can be neither changed nor removed. Insurance Law art. 87: 5 years, or 10 after
   *  a contract of more than one year. */
  readonly messageLockDays: number;
  /** Days that mails which customers wrote are kept whole; their words stay in the customer's timeline. */
  readonly inboundMailDays: number;
}

const LOCAL_ACCOUNT = '000000000000';

const stages = {
  local: (port: number): Stage => ({
    name: 'local',
    env: { account: LOCAL_ACCOUNT, region: 'us-east-1' },
    publicOrigin: `http://127.0.0.1:${port}`,
    signInOrigin: `http://127.0.0.1:${port}/cognito`,
    senderDomain: 'perennial.example',
    outboundNetwork: 'loopback',
    alarmReceivers: [],
    logDays: 1,
    messageLockDays: 1,
    inboundMailDays: 400,
  }),
  dev: (): Stage => ({
    name: 'dev',
    senderDomain: 'dev.perennial.example',
    outboundNetwork: 'public',
    alarmReceivers: [],
    logDays: 30,
    messageLockDays: 1,
    inboundMailDays: 400,
  }),
  prod: (): Stage => ({
    name: 'prod',
    senderDomain: 'perennial.example',
    outboundNetwork: 'public',
    alarmReceivers: [],
    logDays: 365,
    messageLockDays: 3_653,
    inboundMailDays: 400,
  }),
};

/** The port of `npm start` when none is given. */
const DEFAULT_PORT = 4600;

/** The stage called `name`. `port` is where the local runtime listens; no other stage reads it.
 *  @throws EngagementError `misconfigured` where there is no such stage */
export const findStage = (name: string, port: number = DEFAULT_PORT): Stage => {
  if (!Object.hasOwn(stages, name)) {
    throw new EngagementError(
      'misconfigured',
      `unknown stage "${name}": choose one of ${Object.keys(stages).join(', ')} or add it to infra/stages.ts`,
    );
  }
  return stages[name as keyof typeof stages](port);
};
