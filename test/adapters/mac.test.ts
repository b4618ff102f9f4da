/** Our MAC is HMAC-SHA-256, byte for byte. */
import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createMac } from '../../src/adapters/crypto/mac.ts';

const keyBytes = fc.uint8Array({ minLength: 1, maxLength: 64 });

describe('the MAC', () => {
  it('equals createHmac for every key and message', () => {
    fc.assert(fc.property(keyBytes, fc.uint8Array({ maxLength: 300 }), (key, message) => {
      const secret = createSecretKey(key);
      const mac = createMac(secret);
      const expected = createHmac('sha256', secret).update(message).digest();
      assert.deepEqual(mac(message), expected);
      assert.deepEqual(mac(message), expected, 'and again');
      const latin1 = Buffer.from(message).toString('latin1');
      assert.deepEqual(mac(latin1), expected);
    }));
  });

  it('takes no key longer than a block', () => {
    assert.throws(() => createMac(createSecretKey(Buffer.alloc(65, 1))), RangeError);
  });
});
