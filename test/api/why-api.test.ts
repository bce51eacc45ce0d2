import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createMailComposer } from '../../functions/send-mail/compose-mail.ts';
import { messageRoutes } from '../../functions/serve-api/routes/messages.ts';
import { whyRoutes } from '../../functions/serve-api/routes/why.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { transition } from '../../shared/campaign/lifecycle.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { variantHash, versionOf } from '../../shared/content/template-identity.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { sealOf } from '../../shared/history/proof-bundle.ts';
import { isProven, verifyBundle } from '../../shared/history/verify-bundle.ts';
import type { EntryVerdict } from '../../shared/history/why.ts';
import type { ProofBundle } from '../../shared/history/why-contract.ts';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createLinks } from '../../shared/message/links.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { createMemoryQueue } from '../../shared/platform/memory-queue.ts';
import { formatInstant, HOUR, type Instant } from '../../shared/platform/time.ts';
import { createSending, NOW, namesOf, orderOf, type Person } from '../message/sending.ts';
import { createApiRig } from '../support/api.ts';

const templates = createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url)));
const templateVersion = shippedIndex['renewal-m30']?.version as string;
const order = (n: number, more: Partial<SendOrder> = {}): SendOrder =>
  orderOf(n, { template: 'renewal-m30', templateVersion, ...more });

/** Mails made by the real templates, and the API over the same table. */
const start = async (people: readonly Person[], entry?: EntryVerdict) => {
  const sending = await createSending(
    people.map((one) => ({ ...one, profile: { name: { full: 'Ann Example' }, ...one.profile } })),
  );
  const compose = createMailComposer({
    templates,
    renderer: createMailRenderer(),
    links: createLinks(Buffer.alloc(32, 7), 'https://renewals.example.com'),
    addresses: createReplyAddresses(Buffer.alloc(32, 7)),
    targets: { keep: async () => {} },
    domain: 'mail.example.com',
    claimOf: async () => undefined,
  });
  const orders = createMemoryQueue<SendOrder>();
  const table = sending.memory;
  const controls = createControls(table, programmes, () => NOW);
  const ports = {
    timeline: createTimeline(table),
    enrolments: createEnrolments(table),
    profiles: createProfiles(table),
    messages: sending.objects,
    explainEntry: async () => entry,
    controls,
    templates,
    orders,
    now: () => NOW,
  };
  const rig = createApiRig({ routes: [...whyRoutes(ports), ...messageRoutes(ports)] });
  const call = (path: string, method = 'GET', groups = ['compliance']) =>
    rig.call(method, path, { groups, ...(method === 'POST' ? { body: {} } : {}) });
  const why = async (n: number) => (await call(`/api/why?customer=${namesOf(n).partyId}&campaign=renewal`)).json;
  return { ...sending, table, controls, ports: { ...sending.ports, compose }, orders, call, why };
};

describe('why', () => {
  test('M8: a mail that went and one that did not: journeys, steps, decisions asked again with the same answer', async () => {
    const rig = await start([{ n: 0 }, { n: 1, gate: { suppressed: { email: 'hard-bounce' } } }]);
    await sendMail(rig.ports, [order(0), order(1)]);
    expect(await rig.why(0)).toMatchObject({
      campaign: 'renewal',
      journeys: [{ state: 'active', policyId: namesOf(0).policyId }],
      steps: [{ step: 'm30', state: 'accepted', decision: { answer: { kind: 'send' }, replayed: true } }],
      more: false,
    });
    const { steps } = await rig.why(1);
    expect(steps).toMatchObject([
      {
        state: 'skipped',
        reason: 'suppressed',
        decision: { answer: { kind: 'skip', reason: 'suppressed' }, replayed: true },
      },
    ]);
    expect(steps[0].decision.answer.explain.at(-1)).toMatchObject({ rule: 'suppression-and-consent', verdict: 'skip' });
  });

  test('M8: held at night, then sent: the decision is the latest', async () => {
    const rig = await start([{ n: 0 }]);
    const dueAt = (NOW + 13 * HOUR) as Instant;
    rig.later(13 * HOUR);
    await sendMail(rig.ports, [order(0, { dueAt })]);
    expect((await rig.why(0)).steps).toMatchObject([
      { state: 'held', reason: 'quiet-hours', decision: { answer: { kind: 'hold' }, replayed: true } },
    ]);
    rig.later(11 * HOUR);
    await sendMail(rig.ports, [order(0, { dueAt })]);
    expect((await rig.why(0)).steps).toMatchObject([{ state: 'accepted', decision: { answer: { kind: 'send' } } }]);
  });

  test('M8: an answer that the rules would not give today says so', async () => {
    const rig = await start([{ n: 0 }]);
    await sendMail(rig.ports, [order(0)]);
    const [row] = await rig.rows(0);
    // as if the rules had changed: the kept question is another
    const [key = ''] = rig.objects.keys();
    const entry = gunzipSync((await rig.objects.get(key))?.body as Uint8Array);
    const end = entry.indexOf(10);
    const trace = JSON.parse(entry.subarray(0, end).toString());
    trace.question.gate.situations = ['fraud-review'];
    const line = JSON.stringify(trace);
    const packed = gzipSync(Buffer.concat([Buffer.from(`${line}\n`), entry.subarray(end + 1)]));
    await rig.objects.put(key, packed);
    const proof = {
      ...row?.proof,
      length: packed.length,
      trace: createHash('sha256').update(line).digest('base64url'),
    };
    await rig.ports.timeline.complete(row as never, { proof: proof as never });
    expect((await rig.why(0)).steps[0].decision).toMatchObject({
      replayed: false,
      answer: { kind: 'send' },
      now: { kind: 'skip', reason: 'situation-silence' },
    });
  });

  test('C8, G6: the due step of a paused campaign, or under a stop, lies on the shelf and says why', async () => {
    const rig = await start([{ n: 0 }, { n: 1 }]);
    const enrolments = createEnrolments(rig.table);
    const stand = async (n: number, at: number) => {
      const [journey] = await enrolments.ofParty(namesOf(n).partyId);
      await enrolments.put({ ...journey!, next: { step: 'm30', at: at as Instant } }, journey!.version);
    };
    const next = async (n = 0) => (await rig.why(n)).journeys[0].next;
    const at = formatInstant((NOW - HOUR) as Instant);
    await stand(0, NOW - HOUR);
    await stand(1, NOW + HOUR);
    expect(await next()).toEqual({ step: 'm30', at });

    const campaigns = createCampaigns(rig.table, programmes);
    const renewal = await campaigns.get('renewal');
    const paused = transition(renewal!, { kind: 'pause', because: 'person' }, 'ann', NOW);
    if (paused.kind === 'done') await campaigns.put(paused.record, 0);
    expect(await next()).toEqual({ step: 'm30', at, shelved: 'paused' });
    // whose step is not due yet, waits for its day whether paused or not
    expect(await next(1)).toEqual({ step: 'm30', at: formatInstant((NOW + HOUR) as Instant) });

    await rig.controls.stop('', 'ann', NOW);
    expect(await next()).toEqual({ step: 'm30', at, shelved: 'stopped' });
    await rig.controls.release('', 'ann', NOW);
    await campaigns.put({ ...renewal!, version: 2 }, 1);
    expect(await next()).toEqual({ step: 'm30', at });
  });

  test('M8: for whom no journey began, the audience says which clauses decide', async () => {
    const deciding = [
      { path: 'rules.0', field: 'customer.locale', operator: '=', value: 'en', actual: 'es', holds: false },
    ];
    const rig = await start([{ n: 0 }], { member: false, deciding });
    const { json } = await rig.call(`/api/why?customer=${namesOf(0).partyId}&campaign=birthday`);
    expect(json).toMatchObject({ journeys: [], steps: [], entry: { member: false, deciding } });
  });

  test('another branch’s customer, a stranger and no role are refused alike', async () => {
    const rig = await start([{ n: 0, profile: { scope: 'house/east' } }]);
    const path = `/api/why?customer=${namesOf(0).partyId}&campaign=renewal`;
    expect((await rig.call(path, 'GET', ['compliance', 'scope:house/west'])).status).toBe(404);
    expect((await rig.call('/api/why?customer=nobody&campaign=renewal')).status).toBe(404);
    expect((await rig.call(path, 'GET', ['approver'])).status).toBe(403);
    expect((await rig.call(`${path}&scope=x`)).status).toBe(400);
  });
});

describe('proof', () => {
  const bundleOf = async () => {
    const rig = await start([{ n: 0 }]);
    await sendMail(rig.ports, [order(0)]);
    const { steps } = await rig.why(0);
    const { status, text } = await rig.call(`/api/messages/${namesOf(0).partyId}/${steps[0].row}/proof`);
    expect(status).toBe(200);
    return text;
  };

  test('M7: the bundle of a mail is proven offline: hashes, row, decision, template, and the same bytes again', async () => {
    const checks = verifyBundle(await bundleOf());
    expect(checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      'file',
      'seal',
      'message',
      'trace',
      'row',
      'settings',
      'decision',
      'template',
      'content',
    ]);
  });

  test('M7: any changed byte is found', async () => {
    const bundle = Buffer.from(await bundleOf());
    // every byte would take minutes: a stride that is no divisor of anything visits all parts of the file
    for (let at = 0; at < bundle.length; at += 211) {
      const changed = Buffer.from(bundle);
      changed[at] = (changed[at] as number) ^ 1;
      expect(isProven(verifyBundle(changed.toString())), `byte ${at}`).toBe(false);
    }
    expect(isProven(verifyBundle(bundle.subarray(0, -1).toString()))).toBe(false);
    expect(isProven(verifyBundle(bundle.toString()))).toBe(true);
  });

  test('M7: a forged seal helps nobody: each part is tied to the others', async () => {
    const text = await bundleOf();
    type Bundle = Omit<ProofBundle, 'template'> & { template: { variants: { subject: string }[] } };
    const forge = (change: (bundle: Bundle) => void): string[] => {
      const { seal: _, ...bundle } = JSON.parse(text) as Bundle;
      change(bundle as Bundle);
      return verifyBundle(JSON.stringify({ ...bundle, seal: sealOf(bundle) }))
        .filter(({ verdict }) => verdict === 'fail')
        .map(({ name }) => name);
    };
    const other = Buffer.from('From: somebody\r\n\r\nother words');
    const replaced = (bundle: Bundle): void => {
      bundle.body = other.toString('base64');
    };
    expect(forge(replaced)).toContain('message');
    expect(
      forge((bundle) => {
        bundle.trace = bundle.trace.replace('"service"', '"statutory"');
      }),
    ).toContain('trace');
    expect(
      forge((bundle) => {
        bundle.row.step = 'm60';
      }),
    ).toEqual(['row']);
    expect(
      forge((bundle) => {
        for (const variant of bundle.template.variants) variant.subject = 'Other';
      }),
    ).toContain('template');
    // with every hash of the file made anew, the mail still is not what template and data make
    expect(
      forge((bundle) => {
        replaced(bundle);
        bundle.row.proof.sha256 = createHash('sha256').update(other).digest('base64url');
      }),
    ).toEqual(['content']);
  });

  test('M7: the command ends with its verdict, and with help', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'proof-'));
    const script = fileURLToPath(new URL('../../scripts/verify-proof.ts', import.meta.url));
    const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    const text = await bundleOf();
    const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.json')];
    writeFileSync(good, text);
    writeFileSync(bad, text.replace('"step":"m30"', '"step":"m60"'));
    expect(run(good)).toMatchObject({ status: 0, stdout: expect.stringContaining('PROVEN') });
    expect(run(bad)).toMatchObject({ status: 1, stdout: expect.stringContaining('NOT PROVEN') });
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('usage') });
    expect(run().status).toBe(2);
    expect(run(join(folder, 'missing.json')).status).toBe(2);
    rmSync(folder, { recursive: true });
  });

  test('the identity of a template is the one that its compiler gave it, for all that ship', async () => {
    for (const [name, { version }] of Object.entries(shippedIndex)) {
      const template = await templates.load(name, version);
      expect(versionOf(template), name).toBe(version);
      for (const variant of template.variants)
        expect(variantHash(variant), `${name} ${variant.locale}`).toBe(variant.hash);
    }
  });
});

describe('sending again', () => {
  test('a failed message goes once more under an id of its own, however often it is asked', async () => {
    const rig = await start([{ n: 0 }]);
    const failing = {
      ...rig.ports,
      compose: async () => ({ kind: 'failed', reason: 'missing-value', detail: 'x' }) as const,
    };
    await sendMail(failing, [order(0)]);
    const { steps } = await rig.why(0);
    const path = `/api/messages/${namesOf(0).partyId}/${steps[0].row}/resend`;
    for (let time = 0; time < 2; time += 1)
      expect((await rig.call(path, 'POST', ['marketing'])).json).toEqual({ outcome: 'resent' });
    const [first, second] = rig.orders.take();
    expect(first?.sendId).toBe(second?.sendId);
    expect(first?.sendId).not.toBe(order(0).sendId);
    expect((await sendMail(rig.ports, [first as SendOrder, second as SendOrder])).map(({ kind }) => kind)).toEqual([
      'sent',
      'done',
    ]);
    expect(rig.calls).toHaveLength(1);
    expect((await rig.call(path, 'POST', ['manager'])).status).toBe(403);
  });

  test('what arrived is not sent again', async () => {
    const rig = await start([{ n: 0 }]);
    await sendMail(rig.ports, [order(0)]);
    const { steps } = await rig.why(0);
    const { json } = await rig.call(`/api/messages/${namesOf(0).partyId}/${steps[0].row}/resend`, 'POST', [
      'marketing',
    ]);
    expect(json).toEqual({ outcome: 'settled' });
    expect(rig.orders.messages).toEqual([]);
  });
});
