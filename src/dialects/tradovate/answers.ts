/** The forms of this dialect's answers: JSON or nothing, readable from any origin (contract §2). */
import type { WireHeader, WireRequest, WireResponse } from '../../core/wire.ts';

/** Pages of any origin may read: only the `Authorization` header is a credential here. */
const ANY_ORIGIN: WireHeader = ['Access-Control-Allow-Origin', '*'];

const NOT_STORED: readonly WireHeader[] = [
  ['Cache-Control', 'no-store'], ['Pragma', 'no-cache'], ANY_ORIGIN,
];

const JSON_TYPE: WireHeader = ['Content-Type', 'application/json'];

const JSON_HEADERS: readonly WireHeader[] = [JSON_TYPE, ...NOT_STORED];

const PUBLIC_HEADERS: readonly WireHeader[] = [
  JSON_TYPE, ['Cache-Control', 'public, max-age=300'], ANY_ORIGIN,
];

const PREFLIGHT_HEADERS: readonly WireHeader[] = [
  ...NOT_STORED,
  ['Access-Control-Allow-Methods', 'GET, POST, OPTIONS'],
  ['Access-Control-Allow-Headers', 'Authorization, Content-Type, Accept'],
  ['Access-Control-Max-Age', '600'],
];

/** Members that are undefined are left out. */
export function jsonAnswer(
  status: number,
  value: object,
  headers: readonly WireHeader[] = [],
): WireResponse {
  const all = headers.length === 0 ? JSON_HEADERS : [...JSON_HEADERS, ...headers];
  return { status, headers: all, body: JSON.stringify(value) };
}

export function okAnswer(value: object): WireResponse {
  return { ...jsonAnswer(200, value), log: { outcome: 'ok' } };
}

/** For keys and metadata, which change rarely and hold nothing of anybody. */
export function publicAnswer(value: object): WireResponse {
  const body = JSON.stringify(value);
  return { status: 200, headers: PUBLIC_HEADERS, body, log: { outcome: 'ok' } };
}

/**
 * The same with an entity tag: who has it already is told so in 304 (RFC 9110 §13.1.2).
 * @param tag changes whenever the value does
 */
export function taggedAnswer(
  value: object,
  tag: string,
  request: Pick<WireRequest, 'header'>,
): WireResponse {
  const etag = `"${tag}"`;
  const answer = publicAnswer(value);
  const headers: readonly WireHeader[] = [...answer.headers, ['ETag', etag]];
  const known = (request.header('if-none-match') ?? '').split(',')
    .some((one) => one.trim().replace(/^W\//, '') === etag);
  return known ? { ...answer, status: 304, headers, body: '' } : { ...answer, headers };
}

/** Without a body, so that no client mistakes it for what it asked for. */
export function emptyAnswer(status: number, headers: readonly WireHeader[] = []): WireResponse {
  const all = headers.length === 0 ? NOT_STORED : [...NOT_STORED, ...headers];
  return { status, headers: all, body: '' };
}

/** To a browser that asks whether a page of another origin may call (Fetch, CORS preflight). */
export const PREFLIGHT: WireResponse = {
  status: 200, headers: PREFLIGHT_HEADERS, body: '', log: { outcome: 'ok' },
};

/** `2026-11-22T10:50:00Z`: whole seconds, rounded down. */
export function secondsTime(at_ms: number): string {
  return `${new Date(at_ms).toISOString().slice(0, 19)}Z`;
}

const API_HOST_NAMES = [
  'live', 'demo', 'mdLive', 'mdDemo', 'replay', 'reportingLive', 'reportingDemo',
];

/** The member `apiHosts` (§1.3) as something to spread: nothing when no hosts are configured. */
export function apiHosts(
  hosts: { readonly [name: string]: string },
): { readonly apiHosts?: object } {
  const named = API_HOST_NAMES.filter((name) => Object.hasOwn(hosts, name));
  return named.length === 0
    ? {}
    : { apiHosts: Object.fromEntries(named.map((name) => [name, hosts[name]])) };
}
