/**
 * Sealed values: access tokens (deterministic, binary), authorization requests (they leave no row
 * while they travel), a browser's own answers, and form tokens. Each names the key it is under.
 */
import { type KeyObject, createHmac } from 'node:crypto';
import type { SecretPurpose } from '../../core/kinds/key.ts';
import type { WorldName } from '../../core/world.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import type { NotOurs } from '../../ports/handles.ts';
import type { Seals } from '../../ports/seals.ts';
import { openBytes, sealBytes } from '../crypto/aead.ts';
import { base62OfNumber, numberOfBase62 } from '../crypto/base62.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';
import { deriveKey } from '../crypto/derive-key.ts';
import { type Siv, createSiv } from '../crypto/siv.ts';
import type { KeySource, OpenKey } from '../keys/keyring.ts';
import { packClaims, unpackClaims } from './access-token-bytes.ts';
import { requestOfText, textOfRequest } from './request-text.ts';
import { otherWorldPrefix, prefixOf } from './shapes.ts';

const KEY_CHARS = 2;

export function createSeals(keys: KeySource, world: WorldName): Seals {
  const sivOf = derivedOnce<Siv>((key) => createSiv(key.secret, `countersign at ${world}`));
  const requestKeyOf = derivedOnce<KeyObject>((key) =>
    deriveKey(key.secret, `countersign req ${world}`),
  );
  const token_prefix = prefixOf(world, 'at');
  const request_prefix = prefixOf(world, 'req');

  function browserKey(key: OpenKey, flow_cookie: string): KeyObject {
    return deriveKey(key.secret, `countersign answers ${world}`, flow_cookie);
  }

  function open(text: string, prefix: string, purpose: SecretPurpose): Sealed | NotOurs {
    if (text.startsWith(otherWorldPrefix(world))) return 'other_world';
    if (!text.startsWith(prefix)) return 'malformed';
    return openHeader(keys, purpose, text.slice(prefix.length));
  }

  return {
    sealToken(claims) {
      const key = keys.active('token');
      const sealed = sivOf(key).seal(packClaims(claims));
      return token_prefix + keyText(key) + sealed.toString('base64url');
    },
    openToken(text) {
      const sealed = open(text, token_prefix, 'token');
      if (typeof sealed === 'string') return sealed;
      const bytes = sivOf(sealed.key).open(sealed.bytes);
      return (bytes && unpackClaims(bytes)) ?? 'malformed';
    },
    sealRequest(request) {
      const key = keys.active('request');
      const header = request_prefix + keyText(key);
      const sealed = sealBytes(requestKeyOf(key), header, Buffer.from(textOfRequest(request)));
      return header + sealed.toString('base64url');
    },
    openRequest(text) {
      const sealed = open(text, request_prefix, 'request');
      if (typeof sealed === 'string') return sealed;
      const header = request_prefix + keyText(sealed.key);
      const bytes = openBytes(requestKeyOf(sealed.key), header, sealed.bytes);
      return bytes === null ? 'malformed' : requestOfText(bytes.toString());
    },
    sealForBrowser(flow_cookie, text) {
      const key = keys.active('browser');
      const sealed = sealBytes(browserKey(key, flow_cookie), world, Buffer.from(text));
      return keyText(key) + sealed.toString('base64url');
    },
    openForBrowser(flow_cookie, text) {
      const sealed = openHeader(keys, 'browser', text);
      if (typeof sealed === 'string') return null;
      const bytes = openBytes(browserKey(sealed.key, flow_cookie), world, sealed.bytes);
      return bytes?.toString() ?? null;
    },
    ...formTokens(keys, world),
  };
}

/** Form tokens: computed, never stored; checked under the key they name (CS-01). */
function formTokens(keys: KeySource, world: WorldName): Pick<Seals, 'csrf' | 'isCsrf'> {
  const prefix = prefixOf(world, 'csrf');
  const keyOf = derivedOnce<KeyObject>((key) =>
    deriveKey(key.secret, `countersign csrf ${world}`),
  );

  function under(key: OpenKey, cookie: string, purpose: string): string {
    // The purpose's length keeps `ab`+`c` and `a`+`bc` apart.
    const mac = createHmac('sha256', keyOf(key))
      .update(`${purpose.length}|${purpose}|${cookie}`)
      .digest('base64url');
    return prefix + keyText(key) + mac;
  }

  return {
    csrf: (cookie, purpose) => under(keys.active('browser'), cookie, purpose),
    isCsrf(text, cookie, purpose) {
      // Its own key, so that a form that was open while the key changed can still be sent.
      const number = numberOfBase62(text.slice(prefix.length, prefix.length + KEY_CHARS));
      const key = keys.numbered('browser', number);
      return key !== undefined && equalInConstantTime(text, under(key, cookie, purpose));
    },
  };
}

type Sealed = { readonly key: OpenKey; readonly bytes: Buffer };

function openHeader(keys: KeySource, purpose: SecretPurpose, text: string): Sealed | 'malformed' {
  const key = keys.numbered(purpose, numberOfBase62(text.slice(0, KEY_CHARS)));
  if (key === undefined) return 'malformed';
  const bytes = bytesOfBase64url(text.slice(KEY_CHARS));
  return bytes === null ? 'malformed' : { key, bytes };
}

function keyText(key: OpenKey): string {
  return base62OfNumber(key.number, KEY_CHARS);
}

/** What is derived from a key lives as long as the key. */
function derivedOnce<T>(derive: (key: OpenKey) => T): (key: OpenKey) => T {
  const derived = new WeakMap<OpenKey, T>();
  return (key) => {
    let value = derived.get(key);
    if (value === undefined) {
      value = derive(key);
      derived.set(key, value);
    }
    return value;
  };
}
