/** The demo's callback page shows a code of ours and nothing that a link could put there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackPage } from '../../src/main/demo/demo-callback.ts';

const CODE = `cs_paper_code_${'a1'.repeat(45)}`;
const ISS = 'http://127.0.0.1:4401/as';

const show = (answer: Record<string, string>): string =>
  callbackPage(new URLSearchParams(answer));

test('it shows the code and the command that exchanges it', () => {
  const page = show({ code: CODE, state: 'hello', iss: ISS });
  assert.ok(page.includes(`-d code=${CODE}`));
  assert.ok(page.includes('http://127.0.0.1:4401/v1/oauth/accesstoken'));
});

test('it shows an error as text', () => {
  assert.match(show({ error: 'access_denied' }), /access_denied/);
  const page = show({ error: '<img src=x onerror=alert(1)>' });
  assert.ok(!page.includes('<img'));
});

test('it writes no command with words of a stranger', () => {
  const bad = [
    { code: `${CODE};reboot`, iss: ISS },
    { code: '$(reboot)', iss: ISS },
    { code: `${CODE}\nreboot`, iss: ISS },
    { code: CODE, iss: 'http://127.0.0.1:4401;reboot/as' },
    { code: CODE, iss: 'https://evil.test/as' },
    { code: CODE },
  ];
  for (const answer of bad) assert.ok(!show(answer as Record<string, string>).includes('curl'));
});
