import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { Alarms } from './constructs/alarms.ts';
import { EngagementFunction, type EngagementFunctionProps } from './constructs/engagement-function.ts';
import { DeadLetterQueue, EngagementQueue } from './constructs/engagement-queue.ts';
import { EventFeed } from './constructs/event-feed.ts';
import { MailFeed } from './constructs/mail-feed.ts';
import { MinuteSchedule } from './constructs/minute-schedule.ts';
import { WebApi } from './constructs/web-api.ts';
import type { DataStack } from './data-stack.ts';
import type { Stage } from './stages.ts';

export interface AppStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
}

/** The templates as this build compiled them, each read when a message first needs it. */
const TEMPLATES = 'templates/generated/shipped';

/** Typesets letters. npm has its 0.7 for x86 only (ADR 0013). */
const TYPST = ['@myriaddreamin/typst-ts-node-compiler', '@myriaddreamin/typst-ts-node-compiler-linux-x64-gnu'];

/** Everything that runs, in the order in which a message comes to be. It holds no data: it can be deleted and deployed
 *  again over its data stack. */
export class AppStack extends Stack {
  constructor(scope: Construct, id: string, props: AppStackProps) {
    super(scope, id, props);
    const { stage, data } = props;
    // By its ARN: a grant must never write into the data stack's key policy, whose deploy comes first.
    const key = kms.Key.fromKeyArn(this, 'Key', data.key.keyArn);

    const queueOf = (name: string, consumerTimeout?: Duration) =>
      new EngagementQueue(this, `Queue-${name}`, {
        name,
        stage: stage.name,
        key,
        ...(consumerTimeout === undefined ? {} : { consumerTimeout }),
      });
    const minutes = (count: number) => Duration.minutes(count);
    const chunks = queueOf('chunks', minutes(5));
    const customerEvents = queueOf('customer-events');
    const changes = queueOf('changes', minutes(1));
    const due = queueOf('due', minutes(2));
    const sendStatutory = queueOf('send-statutory', minutes(1));
    const sendService = queueOf('send-service', minutes(1));
    const sendMarketing = queueOf('send-marketing', minutes(1));
    const letters = queueOf('letters', minutes(2));
    const print = queueOf('print', minutes(5));
    const feedback = queueOf('feedback');
    const audiences = queueOf('audiences', minutes(5));
    const outbound = queueOf('outbound', minutes(1));
    const ticks = new DeadLetterQueue(this, 'DeadLetters-tick', { name: 'tick', stage: stage.name, key });

    const bus = new events.EventBus(this, 'Bus', { eventBusName: `perennial-${stage.name}` });
    new EventFeed(this, 'CustomerEvents', {
      bus,
      sources: ['policy.admin', 'customer.events', 'perennial.pages', 'perennial.journeys'],
      queue: customerEvents,
    });
    const mail = new MailFeed(this, 'Mail', { stage, key, feedback });
    const web = new WebApi(this, 'Web', { stage, key, staff: data.staff });

    const make = (name: string, its: Omit<EngagementFunctionProps, 'stage' | 'key'> = {}) =>
      new EngagementFunction(this, name, { stage, key, ...its });

    // Import
    make('split-import', { timeout: data.importsQueue.consumerTimeout, memoryMb: 1024, youngHeapMb: 8 })
      .usesTable(data.table)
      .usesBucket(data.imports, 'IMPORTS_BUCKET', ['get'], ['incoming/', 'mappings/', 'chunks/'])
      .usesBucket(data.imports, 'IMPORTS_BUCKET', ['put'], ['chunks/', 'errors/'])
      .sendsTo(chunks, 'CHUNKS_QUEUE_URL')
      .putsEvents(bus)
      .consumes(data.importsQueue, { batchSize: 1 });
    make('load-rows', { timeout: chunks.consumerTimeout, memoryMb: 1024, youngHeapMb: 8 })
      .usesTable(data.table)
      .usesBucket(data.imports, 'IMPORTS_BUCKET', ['get', 'remove'], ['chunks/'])
      .usesBucket(data.imports, 'IMPORTS_BUCKET', ['put'], ['errors/'])
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .consumes(chunks, { batchSize: 1, maxConcurrency: 20 });
    make('receive-events', { timeout: customerEvents.consumerTimeout })
      .usesTable(data.table)
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .consumes(customerEvents);

    // Journeys
    make('follow-changes', { timeout: changes.consumerTimeout, memoryMb: 1024, queuesForItself: true })
      .usesTable(data.table)
      .putsEvents(bus)
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .consumes(changes, { maxConcurrency: 50 });
    const tick = make('tick', { timeout: Duration.seconds(50), folders: [TEMPLATES], deadLetters: ticks })
      .usesTable(data.table)
      .sendsTo(due, 'DUE_QUEUE_URL');
    new MinuteSchedule(this, 'EveryMinute', {
      name: `perennial-${stage.name}-tick`,
      target: tick,
      deadLetters: ticks,
      key,
    });
    make('run-due', { timeout: due.consumerTimeout, memoryMb: 1024, queuesForItself: true })
      .usesTable(data.table)
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['put'])
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['get'], ['answers/'])
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .sendsTo(sendStatutory, 'SEND_STATUTORY_QUEUE_URL')
      .sendsTo(sendService, 'SEND_SERVICE_QUEUE_URL')
      .sendsTo(sendMarketing, 'SEND_MARKETING_QUEUE_URL')
      .sendsTo(letters, 'LETTERS_QUEUE_URL')
      .sendsTo(print, 'PRINT_QUEUE_URL')
      .sendsTo(due, 'DUE_QUEUE_URL')
      .sendsTo(audiences, 'AUDIENCES_QUEUE_URL')
      .sendsTo(outbound, 'OUTBOUND_QUEUE_URL')
      .putsEvents(bus)
      .consumes(due, { batchSize: 10, maxConcurrency: 50 });

    // Messages
    const sendMail = make('send-mail', {
      timeout: sendService.consumerTimeout,
      memoryMb: 1769,
      folders: [TEMPLATES],
    })
      .usesTable(data.table)
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['put'])
      .readsSecret(data.linkSecret, 'LINK_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus)
      .consumes(sendStatutory, { maxConcurrency: 10 })
      .consumes(sendService, { maxConcurrency: 10 })
      .consumes(sendMarketing, { maxConcurrency: 5 });
    sendMail.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    sendMail.addEnvironment('SENDER_DOMAIN', stage.senderDomain);
    mail.letSend(sendMail);
    mail.letReadQuota(sendMail);
    make('compose-letters', {
      timeout: letters.consumerTimeout,
      memoryMb: 1769,
      folders: ['shared/letter/fonts', TEMPLATES],
      native: TYPST,
      processor: Architecture.X86_64,
    })
      .usesTable(data.table)
      .usesBucket(data.print, 'PRINT_BUCKET', ['put'])
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['put'])
      .readsSecret(data.linkSecret, 'LINK_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus)
      .consumes(letters, { maxConcurrency: 20 })
      .addEnvironment('PUBLIC_ORIGIN', web.publicOrigin)
      .addEnvironment('SENDER_DOMAIN', stage.senderDomain);
    make('call-out', { timeout: outbound.consumerTimeout, memoryMb: 1024, folders: [TEMPLATES], queuesForItself: true })
      .usesTable(data.table)
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['put'])
      .readsSecret(data.outboundSecret, 'OUTBOUND_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .sendsTo(outbound, 'OUTBOUND_QUEUE_URL')
      .putsEvents(bus)
      .consumes(outbound, { maxConcurrency: 10 })
      .addEnvironment('OUTBOUND_NETWORK', stage.outboundNetwork);
    const workAudiences = make('work-audiences', {
      timeout: audiences.consumerTimeout,
      memoryMb: 1769,
      folders: [TEMPLATES],
      queuesForItself: true,
    })
      .usesTable(data.table, ['byTask'])
      .putsEvents(bus)
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .sendsTo(audiences, 'AUDIENCES_QUEUE_URL')
      .sendsTo(sendStatutory, 'SEND_STATUTORY_QUEUE_URL')
      .sendsTo(sendService, 'SEND_SERVICE_QUEUE_URL')
      .sendsTo(sendMarketing, 'SEND_MARKETING_QUEUE_URL')
      .sendsTo(letters, 'LETTERS_QUEUE_URL')
      .sendsTo(outbound, 'OUTBOUND_QUEUE_URL')
      .consumes(audiences, { batchSize: 1, maxConcurrency: 20 });
    workAudiences.addEnvironment('SENDER_DOMAIN', stage.senderDomain);
    mail.letReadQuota(workAudiences);
    make('hand-over', { timeout: print.consumerTimeout, memoryMb: 1024 })
      .usesTable(data.table)
      .usesBucket(data.print, 'PRINT_BUCKET', ['get', 'put'])
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .consumes(print, { batchSize: 1, maxConcurrency: 2 });
    make('receive-mail', { timeout: data.mailIntake.queue.consumerTimeout, memoryMb: 1024 })
      .usesTable(data.table)
      .usesBucket(data.mailIntake.bucket, 'INBOUND_BUCKET', ['get'], ['mail/'])
      .readsSecret(data.linkSecret, 'LINK_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus)
      .consumes(data.mailIntake.queue, { maxConcurrency: 5 });
    make('receive-feedback', { timeout: feedback.consumerTimeout })
      .usesTable(data.table)
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus)
      .consumes(feedback);

    // Browsers
    const servePublic = make('serve-public', { timeout: Duration.seconds(10), memoryMb: 1024 })
      .usesTable(data.table)
      .putsEvents(bus)
      .readsSecret(data.linkSecret, 'LINK_SECRET_ARN')
      .readsSecret(data.outboundSecret, 'OUTBOUND_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL');
    servePublic.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    const pages = (...paths: string[]) => paths.flatMap((path) => [`GET ${path}`, `POST ${path}`]);
    web.open(
      servePublic,
      pages('/r/{token}', '/u/{token}', '/p/{token}', '/a/{token}', '/k/{code}').concat('GET /c/{token}'),
      'customers have no account: the path holds a signed, expiring token that the handler checks (S25)',
    );
    web.open(
      servePublic,
      pages('/p'),
      'asks for an address and answers the same whether it is known or not; the link goes to that address by mail (S29)',
    );
    web.open(
      servePublic,
      ['POST /h/{gateway}'],
      'the gateway has no account: the call bears a signature over its body and time, which the handler checks',
    );
    const serveSurveys = make('serve-surveys', { timeout: Duration.seconds(10), memoryMb: 1769 })
      .usesTable(data.table)
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['get', 'put'], ['answers/'])
      .readsSecret(data.linkSecret, 'LINK_SECRET_ARN')
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus);
    serveSurveys.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    web.open(
      serveSurveys,
      pages('/s/{token}'),
      'customers have no account: the path holds a signed, expiring token that the handler checks (S25)',
    );
    const serveTemplates = make('serve-templates', {
      timeout: Duration.seconds(25),
      memoryMb: 1769,
      folders: ['templates/generated', 'functions/serve-templates/generated'],
    }).usesTable(data.table);
    serveTemplates.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    serveTemplates.addEnvironment('SENDER_DOMAIN', stage.senderDomain);
    mail.letSend(serveTemplates);
    web.guarded(serveTemplates, ['ANY /api/templates', 'ANY /api/templates/{proxy+}']);
    const serveCampaigns = make('serve-campaigns', { timeout: Duration.seconds(25), memoryMb: 1769 })
      .usesTable(data.table)
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .sendsTo(audiences, 'AUDIENCES_QUEUE_URL');
    serveCampaigns.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    web.guarded(
      serveCampaigns,
      ['campaigns', 'audiences', 'lists', 'calendar', 'stop'].flatMap((area) => [
        `ANY /api/${area}`,
        `ANY /api/${area}/{proxy+}`,
      ]),
    );
    const manageSurveys = make('manage-surveys', { timeout: Duration.seconds(25), memoryMb: 1769 })
      .usesTable(data.table, ['byTask', 'bySurvey'])
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['get', 'put'], ['answers/'])
      .sendsTo(changes, 'CHANGES_QUEUE_URL')
      .putsEvents(bus);
    manageSurveys.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    web.guarded(manageSurveys, ['ANY /api/surveys', 'ANY /api/surveys/{proxy+}']);
    const serveApi = make('serve-api', {
      timeout: Duration.seconds(20),
      memoryMb: 1024,
      folders: ['console/generated', TEMPLATES],
    })
      .usesTable(data.table, ['byRenewal', 'byTrouble', 'byTask', 'byOwner'])
      .usesBucket(data.imports, 'IMPORTS_BUCKET', ['put'], ['incoming/'])
      .usesBucket(data.messages, 'MESSAGES_BUCKET', ['get'])
      .usesBucket(data.print, 'PRINT_BUCKET', ['get'])
      .readsSecret(data.outboundSecret, 'OUTBOUND_SECRET_ARN')
      .putsEvents(bus)
      .sendsTo(sendStatutory, 'SEND_STATUTORY_QUEUE_URL')
      .sendsTo(sendService, 'SEND_SERVICE_QUEUE_URL')
      .sendsTo(sendMarketing, 'SEND_MARKETING_QUEUE_URL')
      .sendsTo(letters, 'LETTERS_QUEUE_URL')
      .sendsTo(outbound, 'OUTBOUND_QUEUE_URL');
    serveApi.addEnvironment('PUBLIC_ORIGIN', web.publicOrigin);
    serveApi.addEnvironment('OUTBOUND_NETWORK', stage.outboundNetwork);
    serveApi.addEnvironment('SIGN_IN_ORIGIN', stage.signInOrigin ?? data.staff.signInOrigin);
    serveApi.addEnvironment('SIGN_IN_CLIENT_ID', web.client.userPoolClientId);
    web.guarded(serveApi, ['ANY /api/{proxy+}']);
    web.open(
      serveApi,
      ['GET /api/openapi.json', 'GET /', 'GET /console/{proxy+}'],
      'the page itself and the description of the API hold no data; a browser must get them before it can sign in',
    );

    const alarms = new Alarms(this, 'Alarms', { stage, key });
    alarms.watchDeadLetters(ticks, 'tick');
    for (const queue of [data.importsQueue, data.mailIntake.queue, ...this.queues()])
      alarms.watchDeadLetters(queue.deadLetters, queue.name);
    alarms.watchSilence(tick, 'tick');
    alarms.watchErrors(tick, 'tick');
    alarms.watchAnswers(web.api);

    new CfnOutput(this, 'PublicOrigin', { value: web.publicOrigin });
    for (const [index, { name, value }] of mail.identity.dkimRecords.entries()) {
      new CfnOutput(this, `Dkim${index + 1}`, { value: `${name} CNAME ${value}` });
    }
  }

  private queues(): EngagementQueue[] {
    return this.node.children.filter((child) => child instanceof EngagementQueue);
  }
}
