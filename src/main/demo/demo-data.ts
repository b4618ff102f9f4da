/**
 * Demo records of development mode. Every secret here is public and says `demo`; `serve` refuses
 * a data directory that development has made.
 */

export const DEMO = {
  password: 'demo-password',
  charts: {
    id: 'demoCharts0000000000000000000001',
    secret: 'demo-secret-charts-0000000000000000000000000001',
  },
  trader: {
    id: 'demoTrader0000000000000000000001',
    secret: 'demo-secret-trader-0000000000000000000000000001',
  },
  desk: {
    id: '40001',
    secret: 'demo-secret-desk-00000000000000000000000000001',
  },
  api_key: {
    cid: 8,
    sec: 'demo-secret-8-0000000000000000000000000000001',
    app_id: 'Demo Autotrade',
  },
  callback: 'http://127.0.0.1:4402/callback',
} as const;

const account = (number: string, type: 'cash' | 'margin') =>
  ({ number, type, classification: 'individual' });

const app = (
  of: { readonly id: string; readonly secret: string },
  name: string,
  refresh: readonly string[],
) => ({
  ...of,
  name,
  redirect_uris: [DEMO.callback],
  scopes: ['read', 'write', 'trade', 'market', 'stream'],
  worlds: ['live', 'paper'],
  status: 'approved',
  refresh_approved: refresh,
});

/** In the form of a seed file. */
export const DEMO_SEED = {
  customers: [
    {
      login_name: 'alice',
      name: 'Alice Archer',
      email: 'alice@customer.example',
      email_verified: true,
      market_data: true,
      password: DEMO.password,
      status: 'active',
      accounts: {
        live: [account('6YA10001', 'margin')],
        paper: [account('VA100001', 'margin'), account('VA100002', 'cash')],
      },
    },
    {
      login_name: 'bob',
      name: 'Bob Baker',
      email: 'bob@customer.example',
      password: DEMO.password,
      status: 'active',
      accounts: {
        live: [account('6YA20001', 'cash'), account('6YA20002', 'margin')],
        paper: [account('VA200001', 'margin')],
      },
    },
  ],
  apps: [
    app(DEMO.charts, 'Demo Charts', []),
    app(DEMO.trader, 'Demo Trader', ['live', 'paper']),
    {
      ...DEMO.desk,
      dialect: 'tradovate',
      name: 'Demo Desk',
      redirect_uris: [DEMO.callback],
      scopes: ['Users:Read', 'Positions:Read', 'Prices:Read', 'Orders:FullAccess'],
      response_iss: false,
    },
  ],
  api_keys: [{ ...DEMO.api_key, owner: 'partner' }],
};
