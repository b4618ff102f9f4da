/** Acts from the command line: options from the table, tables and JSON, secrets, exit codes. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ACTS } from '../../src/core/decide/manage/acts/acts.ts';
import { APPS } from '../outside/fixtures.ts';
import { exchange, approve } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import { folder, run, runHere } from './run.ts';

const server = await startServer();
after(server.stop);

const act = (typed: string, input?: string) =>
  runHere([...typed.split(' '), '--data', server.data], input);

async function json(typed: string, input?: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await act(`${typed} --json`, input);
  assert.equal(code, 0, err);
  assert.equal(out.trimEnd().split('\n').length, 1, 'one line');
  return JSON.parse(out) as Record<string, unknown>;
}

test('an app is created in both worlds under one id, approved, and works', async () => {
  const callback = '--redirect-uri https://acme.example/cb';
  const made = await json(`app create --name Acme ${callback} --scopes read,market --world both`);
  const live = made['live'] as Record<string, unknown>;
  const paper = made['paper'] as Record<string, unknown>;
  assert.equal(live['client_id'], paper['client_id']);
  assert.notEqual(live['secret'], paper['secret']);
  assert.deepEqual(live['scopes'], ['read', 'market']);
  assert.equal(live['status'], 'pending');
  const id = String(live['client_id']);
  assert.equal((await json(`app approve ${id}`))['status'], 'approved');
  const secret = String(live['secret']);
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const { code } = await approve(server.live, { ...APPS.A1, id }, 'u1');
  const answer = await exchange(server.live, { ...APPS.A1, id, secret, basic }, code);
  assert.equal(answer.status, 200);
  const refused = await act(`app approve ${'x'.repeat(32)}`);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /no app of this client_id/);
});

test('lists are tables for people, times are dates, and secrets are nowhere', async () => {
  const { code, out } = await act('app list');
  assert.equal(code, 0);
  const [head = '', ...rows] = out.trimEnd().split('\n');
  assert.match(head, /^CLIENT ID +NAME +STATUS +REFRESH APPROVED +SCOPES$/);
  assert.ok(rows.some((row) => row.includes(APPS.A1.id)));
  const keys = await act('key list --world paper');
  assert.match(keys.out, /token +1 +active +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
  const shown = await act(`app show ${APPS.A1.id}`);
  assert.ok(!shown.out.includes(APPS.A1.secret));
});

test('a secret is read from stdin, never from the command line', async () => {
  const secret = 'demo-secret-0123456789abcdefghijklmnopqrstuvwxyz';
  const typed = `app rotate-secret ${APPS.B.id} --secret`;
  const refused = await act(`${typed} ${secret}`);
  assert.equal(refused.code, 2);
  assert.match(refused.err, /stdin/);
  const rotated = await json(`${typed} -`, `${secret}\n`);
  assert.equal(rotated['secret'], undefined, 'what was given is not repeated');
  const drawn = await act(`app rotate-secret ${APPS.M.id}`);
  assert.match(drawn.out, /secret +cs_live_secret_[A-Za-z0-9]{43}\n/);
  assert.match(drawn.err, /Shown once/);
  const empty = await act(`${typed} -`, '');
  assert.equal(empty.code, 2);
});

test('what cannot be meant is exit 2 and says what to type', async () => {
  for (const typed of ['app', 'app explode', 'nothing here', 'app list --worlds live',
    'app list --world mars', 'app approve a b', 'app list extra']) {
    const { code, out, err } = await act(typed);
    assert.equal(code, 2, typed);
    assert.notEqual(out + err, '');
    assert.doesNotMatch(err, /\n\s+at /, 'no stack');
  }
  const missing = await act('app create --name Acme');
  assert.equal(missing.code, 1);
  assert.match(missing.err, /redirect_uris is missing/);
});

test('where no server answers is exit 3', async () => {
  const { code, err } = await run(['app', 'list', '--data', folder()]);
  assert.equal(code, 3);
  assert.match(err, /no server answers/);
});

test('every act has help made from its row', async () => {
  const general = await runHere(['--help']);
  assert.equal(general.code, 0);
  for (const group of new Set(Object.keys(ACTS).map((name) => name.split('.')[0] ?? ''))) {
    assert.match(general.out, new RegExp(`^ {2}${group} `, 'm'));
    const { code, out } = await runHere([group, '--help']);
    assert.equal(code, 0);
    const verbs = Object.keys(ACTS).filter((name) => name.startsWith(`${group}.`));
    for (const name of verbs) assert.ok(out.includes(name.replace('.', ' ')), name);
  }
  const { out } = await runHere(['customer', 'set-status', '--help']);
  for (const word of ['CUSTOMER STATUS', '--world', '--data', '--json']) {
    assert.ok(out.includes(word), word);
  }
});

test('as a process: the same answer, refusal and exit codes', async () => {
  const data = ['--data', server.data];
  const [listed, refused, unknown] = await Promise.all([
    run(['app', 'list', '--json', ...data]),
    run(['app', 'approve', 'nobody', ...data]),
    run(['app', 'explode', ...data]),
  ]);
  assert.deepEqual(JSON.parse(listed.out), await json('app list'));
  assert.deepEqual([listed.code, refused.code, unknown.code], [0, 1, 2]);
  assert.equal(refused.out, '');
});

test('it says its version', async () => {
  const { code, out } = await run(['--version']);
  assert.equal(code, 0);
  assert.match(out, /^countersign \d+\.\d+\.\d+\n$/);
});

test('the socket is its owner’s alone', () => {
  const socket = statSync(join(server.data, 'countersign.sock'));
  assert.equal(socket.mode & 0o777, 0o600);
});

test('customers, accounts, grants and sign-ins are managed end to end', async () => {
  const made = await json('customer create --login-name carol2 --name Carol');
  assert.match(String(made['password']), /^[A-Za-z0-9]{20}$/);
  await json('account create ACC00001 --customer carol2 --type margin --option-level 2');
  assert.deepEqual((await json('customer show carol2'))['accounts'], ['ACC00001']);
  assert.equal((await json('account close ACC00001'))['status'], 'closed');
  await approve(server.live, APPS.A1, 'u2').then(({ code }) =>
    exchange(server.live, APPS.A1, code));
  const { grants } = await json('grant list u2');
  const [grant] = grants as readonly { grant: string; live: boolean }[];
  assert.equal(grant?.live, true);
  assert.equal((await json(`grant end ${grant?.grant}`))['ended'], 1);
  assert.equal((await json(`grant end ${grant?.grant}`))['ended'], 0);
  assert.equal((await json(`grant show ${grant?.grant}`))['live'], false);
  const { logins } = await json('login list u2');
  const [login] = logins as readonly { login: string; live: boolean }[];
  assert.equal(login?.live, true);
  assert.equal((await json(`login end ${login?.login}`))['ended'], 1);
  const locked = await json('customer set-status u2 locked');
  assert.equal(locked['status'], 'locked');
  assert.equal((await json('customer set-status u2 locked'))['changed'], false);
});

test('the trail is listed and verified', async () => {
  const { events } = await json('audit list --action app.created');
  assert.ok((events as readonly object[]).length >= Object.keys(APPS).length - 1);
  const verdict = await json('audit verify --world paper');
  assert.equal(verdict['ok'], true);
  assert.ok(Number(verdict['events']) > 0);
});
