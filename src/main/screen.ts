/** The one screen that development mode prints: what it is, where, and what to type. */
import { DEMO } from './demo/demo-data.ts';
import type { DemoCallback } from './demo/demo-callback.ts';
import type { Control } from './operate/control.ts';
import type { RunningServer } from './server.ts';

export type ScreenFacts = {
  readonly data_dir: string;
  readonly control: Control | null;
  readonly callback: DemoCallback | null;
  /** Where its records came from when they are not the demo's. */
  readonly seed_file: string | null;
};

export function startScreen(server: RunningServer, facts: ScreenFacts): string {
  const { data_dir, control, callback, seed_file } = facts;
  const origin = (name: string) => server.worlds.find((one) => one.name === name)?.origin ?? '–';
  const [live, paper] = [origin('live'), origin('paper')];
  const lines = [
    'Countersign · DEVELOPMENT server: demo secrets are public, never put real data here.',
    '',
    `  live    ${live}     paper   ${paper}     data  ${data_dir}`,
    ...(seed_file === null
      ? demoLines(paper, callback)
      : [`  records from ${seed_file}, when this data was new`, '']),
    'Operators: npx countersign --help',
    ...(control === null ? [] : [`Control ${control.url}   token ${control.token}`]),
    'Stop with Ctrl-C; started again it goes on where it left off.',
  ];
  return `${lines.join('\n')}\n`;
}

function demoLines(paper: string, callback: DemoCallback | null): readonly string[] {
  const { charts, trader, desk, api_key, password } = DEMO;
  return [
    `  apps    Demo Charts  ${charts.id}   (no refresh tokens)`,
    `          Demo Trader  ${trader.id}   (refresh approved)`,
    `          Demo Desk    ${desk.id} (Tradovate)   API key  ${api_key.cid}  ${api_key.app_id}`,
    `  people  alice, bob   password  ${password}     their page  ${paper}/connections`,
    '',
    'Try it. 1. Open in a browser, sign in as alice, allow:',
    `  ${paper}/v1/oauth/authorize?client_id=${trader.id}&scope=read,trade&state=hello`,
    callback === null
      ? `  (nothing answers at ${DEMO.callback}: read the code in the address bar)`
      : '  The page it ends on shows the code and the command for it.',
    '2. Exchange the code, then call the profile:',
    `  curl -u ${trader.id}:${trader.secret} \\`,
    `    -d grant_type=authorization_code -d code=CODE ${paper}/v1/oauth/accesstoken`,
    "  curl -H 'Authorization: Bearer TOKEN' -H 'Accept: application/json' \\",
    `    ${paper}/v1/user/profile`,
    '3. Refresh:',
    `  curl -u ${trader.id}:${trader.secret} \\`,
    `    -d grant_type=refresh_token -d refresh_token=REFRESH ${paper}/v1/oauth/refreshtoken`,
    '',
    'All of it without a browser: npm run demo',
  ];
}
