/** An app's secret is shown once, where it was made, and stands nowhere else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { APPS, demoApp } from '../../outside/fixtures.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { runCommand } from './registration.ts';
import { assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const KEPT = demoApp('kept', { redirect_uris: ['https://kept.example/cb'] });

const server = await startServer({ seed: seedRecords([...Object.values(APPS), KEPT]) });
after(server.stop);
const { live, control } = server;

const SECRET = /^[A-Za-z0-9_-]{40,256}$/;

/** A secret in each form in which it could be given away. */
function formsOf(secret: string): string[] {
  const digest = createHash('sha256').update(secret).digest();
  return [
    secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'),
    digest.toString('base64url'), digest.toString('base64'), digest.toString('hex'),
  ];
}

function assertHoldsNone(text: string, secrets: readonly string[], where: string): void {
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      assert.ok(!text.includes(form), `${where} shows a secret or its digest`);
    }
  }
}

/** Secrets as the acts that made them showed them, once. */
async function makeSecrets(): Promise<readonly string[]> {
  const made = await control.act('live', 'app.create', {
    name: 'Demo made', redirect_uris: ['https://made.example/cb'],
  });
  const client_id = String(made['client_id']);
  await control.act('live', 'app.approve', { app: client_id });
  const turned = await control.act('live', 'app.rotate-secret', { app: client_id });
  const typed = await runCommand(server, [
    'app', 'create', '--name', 'Demo typed', '--redirect-uri', 'https://typed.example/cb', '--json',
  ]);
  assert.equal(typed.code, 0, typed.err);
  const printed = JSON.parse(typed.out) as { readonly secret: string };
  const secrets = [made['secret'], turned['secret'], printed.secret].map(String);
  for (const secret of secrets) assert.match(secret, SECRET);
  assert.equal(new Set(secrets).size, 3);
  assert.equal(typed.err, '', 'and not a second time beside it');
  noteSecrets(...secrets);
  return [...secrets, KEPT.secret];
}

const secrets = await makeSecrets();

test('CA-15 lists, shows, exports and the trail hold no secret and no digest', async () => {
  const { apps } = await control.act('live', 'app.list', {}) as
    { readonly apps: readonly { readonly client_id: string }[] };
  assert.ok(apps.length > 10);
  const reads: readonly (readonly [string, object])[] = [
    ['app.list', {}], ['app.list', { status: 'approved' }], ['approval.list', {}],
    ['customer.list', {}], ['key.list', {}], ['audit.list', { limit: 10_000 }],
    ...apps.map(({ client_id }) => ['app.show', { app: client_id }] as const),
  ];
  for (const world of ['live', 'paper'] as const) {
    for (const [act, args] of reads) {
      const { body } = await control.tryAct(world, act, args);
      assertHoldsNone(JSON.stringify(body), secrets, `${world} ${act}`);
      assert.doesNotMatch(JSON.stringify(body), /"secret"|"digest"|password_hash/, act);
    }
    assertHoldsNone(JSON.stringify(await control.audit(world)), secrets, 'the trail');
  }
  // When a secret was made is told; of which one, nothing.
  const kept = await control.act('live', 'app.show', { app: KEPT.id });
  const [told] = kept['secrets'] as readonly object[];
  assert.deepEqual(Object.keys(told ?? {}), ['since', 'until']);
});

test('CA-15 changing, approving and disabling an app shows none either', async () => {
  const acts: readonly (readonly [string, object])[] = [
    ['app.change', { name: 'Demo kept, renamed' }], ['app.approve', {}], ['approval.grant', {}],
    ['approval.withdraw', {}], ['app.disable', {}], ['app.approve', {}],
  ];
  for (const [act, args] of acts) {
    const body = await control.act('live', act, { app: KEPT.id, ...args });
    assertHoldsNone(JSON.stringify(body), secrets, act);
    assert.equal(body['secret'], undefined);
  }
  // An imported secret is known already: it is not repeated, also not by a refusal.
  const imported = 'demo-imported-0123456789-abcdefghijklmnopqrstuv';
  noteSecrets(imported);
  const rotate = (secret: string) =>
    control.tryAct('live', 'app.rotate-secret', { app: KEPT.id, secret });
  const turned = await rotate(imported);
  assert.equal(turned.status, 200);
  assertHoldsNone(JSON.stringify(turned.body), [imported], 'the answer to an import');
  const again = await rotate(imported);
  assert.equal(again.status, 409);
  assertHoldsNone(JSON.stringify(again.body), [imported], 'the refusal of an import');
  const weak = 'too-short-and-yet-secret';
  const refused = await rotate(weak);
  assert.equal(refused.status, 400);
  assert.ok(!JSON.stringify(refused.body).includes(weak));
  assert.ok(!server.log().includes(weak));
});

test('CA-15 the command line shows none and takes none as an argument', async () => {
  const commands = [
    ['app', 'list'], ['app', 'list', '--json'], ['app', 'show', KEPT.id],
    ['app', 'show', KEPT.id, '--json', '--world', 'both'], ['audit', 'list', '--json'],
  ];
  for (const command of commands) {
    const { code, out, err } = await runCommand(server, command);
    assert.equal(code, 0, err);
    assert.ok(out.includes(KEPT.id), command.join(' '));
    assertHoldsNone(out + err, secrets, command.join(' '));
  }
  const secret = 'demo-argument-0123456789-abcdefghijklmnopqrstuv';
  const typed = await runCommand(server, ['app', 'rotate-secret', KEPT.id, '--secret', secret]);
  assert.equal(typed.code, 2);
  assert.match(typed.err, /stdin/);
  assert.ok(!typed.err.includes(secret));
  const piped = await runCommand(
    server, ['app', 'rotate-secret', KEPT.id, '--secret', '-', '--json'], `${secret}\n`,
  );
  assert.equal(piped.code, 0, piped.err);
  assertHoldsNone(piped.out + piped.err, [secret], 'the answer to a piped secret');
  const u1 = customerIn(live, 'u1');
  const basic = `Basic ${Buffer.from(`${KEPT.id}:${secret}`).toString('base64')}`;
  noteSecrets(secret);
  tokens(await exchange(live, { ...KEPT, basic }, (await u1.allow(KEPT)).code));
  assertTokenError(live, await exchange(live, {
    ...KEPT, basic: `Basic ${Buffer.from(`${KEPT.id}:${secret}x`).toString('base64')}`,
  }, (await u1.allow(KEPT)).code), 'E1');
});

test('CA-15 pages show none, and no file holds one', async () => {
  const u1 = customerIn(live, 'u1');
  await u1.ask(APPS.A1);
  const consent = u1.browser.page().answer.text;
  const own = (await u1.connections()).answer.text;
  const known = [...secrets, ...Object.values(APPS).map(({ secret }) => secret)];
  for (const page of [consent, own]) assertHoldsNone(page, known, 'a page');
  const files = readdirSync(server.data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  assert.ok(files.some((file) => file.endsWith('live.sqlite')));
  for (const file of files) {
    const bytes = readFileSync(file);
    for (const secret of known) assert.ok(!bytes.includes(secret), `${file} holds a secret`);
  }
});

test('the log of these rows holds no secret', () => {
  assertLogHoldsNoSecret(server);
  assertHoldsNone(server.log(), secrets, 'the log');
});
