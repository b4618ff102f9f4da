/** `GET /v1/user/profile` in JSON and XML; JSON is derived from XML (contract §8.2). */
import type { ProfileAnswer } from '../../core/commands.ts';
import type { Account } from '../../core/kinds/account.ts';
import type { WireRequest, WireResponse } from '../../core/wire.ts';
import { quotaHeaders } from './api-errors.ts';
import type { TradierSettings } from './settings.ts';

export function encodeProfile(
  profile: ProfileAnswer,
  request: WireRequest,
  settings: TradierSettings,
): WireResponse {
  const json = request.header('accept')?.toLowerCase().includes('application/json') ?? false;
  return {
    status: 200,
    headers: [
      ['Content-Type', json ? 'application/json' : 'application/xml'],
      ['Cache-Control', 'no-store'],
      ['Pragma', 'no-cache'],
      ['Vary', 'Accept'],
      ...(settings.danger_limits_off ? [] : quotaHeaders(profile.quota)),
    ],
    body: json ? profileJson(profile) : profileXml(profile),
    log: { outcome: 'ok' },
  };
}

type AccountMembers = { readonly [member: string]: string | number | boolean };

/** Members in the order of the vendor's page. */
function accountMembers(account: Account): AccountMembers {
  return {
    account_number: account.number,
    classification: account.classification,
    date_created: isoTime(account.created_at),
    day_trader: account.day_trader,
    option_level: account.option_level,
    status: account.status,
    type: account.type,
    last_update_date: isoTime(account.updated_at),
  };
}

/**
 * JSON is derived from XML: a list of one is an object (published clients read
 * `profile.account.account_number`), an empty one the text `null`.
 */
function profileJson({ accounts, customer, name }: ProfileAnswer): string {
  const [first, ...more] = accounts.map(accountMembers);
  const account = first === undefined ? 'null' : more.length === 0 ? first : [first, ...more];
  return JSON.stringify({ profile: { account, id: customer, name } });
}

function profileXml({ accounts, customer, name }: ProfileAnswer): string {
  const rows = accounts.map((account) => {
    const members = Object.entries(accountMembers(account))
      .map(([member, value]) => element(member, String(value)));
    return `<account>${members.join('')}</account>`;
  });
  const inner = `${rows.join('')}${element('id', customer)}${element('name', name)}`;
  return `<?xml version="1.0" encoding="UTF-8"?><profile>${inner}</profile>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

const ENTITIES: { readonly [char: string]: string } = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
    // XML 1.0 §2.2 has no way to write these.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
