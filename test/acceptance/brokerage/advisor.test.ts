/** Advisors: exactly the delegated accounts, at the moment of each request (contract §11). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { APPS, CUSTOMERS, demoApp } from '../../outside/fixtures.ts';
import { profile, tokens, refresh } from '../../outside/tradier.ts';
import { pageText } from '../../outside/forms.ts';
import { seedRecords } from '../../outside/seed.ts';
import { startServer } from '../../world.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;

const ADVISOR_APP = demoApp('advisor', {
  redirect_uris: ['https://advisor.example/cb'], refresh_approved: true,
});

type Profile = { readonly profile: { readonly account?: unknown } };

const numbersOf = (body: Profile): string[] => {
  const { account = [] } = body.profile;
  const list = Array.isArray(account) ? account : [account];
  return list.map((one: { account_number: string }) => one.account_number);
};

test('BR-19 an advisor reaches exactly what is delegated, while it is', async () => {
  const added = await control.seed(seedRecords([ADVISOR_APP], []));
  assert.equal(added.status, 200, JSON.stringify(added.body));
  await control.act('live', 'app.change', { app: ADVISOR_APP.id, type: 'advisor' });
  const dora = customerIn(live, 'bob');
  const [owned = '', second = ''] = CUSTOMERS.alice.accounts.live;

  await dora.ask(ADVISOR_APP);
  assert.equal(dora.browser.page().answer.status, 400, 'nothing is delegated: no consent');

  await control.act('live', 'delegation.grant', { account: owned, advisor: 'bob' });
  await dora.ask(ADVISOR_APP);
  const consent = pageText(dora.browser.page().answer.text);
  assert.ok(consent.includes(owned), 'the consent page names the delegated account');
  assert.ok(!consent.includes(CUSTOMERS.bob.accounts.live[0] ?? ''), 'and not her own');
  const linked = await dora.link(ADVISOR_APP);
  const read = async () => numbersOf((await profile(live, linked.access_token)).json<Profile>());
  assert.deepEqual(await read(), [owned]);

  await control.act('live', 'delegation.grant', { account: second, advisor: 'bob' });
  assert.deepEqual(await read(), [owned, second], 'a new delegation counts at once');
  await control.act('live', 'delegation.end', { account: owned, advisor: 'bob' });
  assert.deepEqual(await read(), [second], 'an ended one does not');
  const again = tokens(await refresh(live, ADVISOR_APP, linked.refresh_token ?? ''));
  const fresh = (await profile(live, again.access_token)).json<Profile>();
  assert.deepEqual(numbersOf(fresh), [second], 'nor after a refresh');

  const own = await dora.link(APPS.A2);
  const ordinary = (await profile(live, own.access_token)).json<Profile>();
  assert.deepEqual(numbersOf(ordinary), [...CUSTOMERS.bob.accounts.live],
    'an ordinary app of the advisor sees her own accounts only');

  const grant = (account: string, advisor: string) =>
    control.tryAct('live', 'delegation.grant', { account, advisor });
  const self = await grant(owned, 'alice');
  assert.equal(self.status, 409, 'her own account is not delegated to herself');
  const nobody = await grant('none', 'bob');
  assert.equal(nobody.status, 404);

  const events = (await control.audit('live')).filter(({ action }) =>
    action.startsWith('delegation.'));
  assert.deepEqual(events.map(({ action }) => action), [
    'delegation.granted', 'delegation.granted', 'delegation.ended',
  ]);
  for (const event of events) {
    assert.match(String(event['detail']), /^advisor=[0-9A-Za-z]{11}$/, 'names the advisor');
    assert.match(String(event['customer']), /^[0-9A-Za-z]{11}$/, 'names the customer');
    assert.notEqual(`advisor=${String(event['customer'])}`, event['detail']);
  }
});
