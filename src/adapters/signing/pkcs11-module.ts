/**
 * Signing keys in a PKCS #11 module (an HSM, or SoftHSM): made there, marked neither readable nor
 * extractable, found by a random id. Calls run on other threads, each in a session of its own.
 */
import { type KeyObject, createPublicKey, hash, randomBytes } from 'node:crypto';
import { BootError } from '../../core/boot-error.ts';
import type { SigningAlgorithm } from '../../core/kinds/key.ts';
import { StoreFault } from '../../ports/store.ts';
import { CURVE, MODULE_ID_BYTES, RSA_BITS } from '../keys/signing-pair.ts';
import type { KeyModule } from './key-module.ts';
import {
  CKA, CKM, CKO_PRIVATE_KEY, type Handle, type Pkcs11, type Template, loadPkcs11,
} from './pkcs11-binding.ts';
import { type Pkcs11Sessions, openSessions } from './pkcs11-sessions.ts';

export type Pkcs11Settings = {
  /** Path of the maker's library. */
  readonly library: string;
  /** Label of the token in it. */
  readonly token: string;
  readonly pin: string;
  /** The package that calls it, when not `pkcs11js` beside us. */
  readonly package_name?: string;
};

const SIGN_TIMEOUT_MS = 2000;
const CREATE_TIMEOUT_MS = 60_000;

/** DER of the object identifier of P-256. */
const P256_OID = Buffer.from('06082a8648ce3d030107', 'hex');
const POINT_BYTES = 65;
const UNCOMPRESSED = 4;
/** Enough for every signature of ours. */
const SIGNATURE_BYTES_MAX = 1024;

/** Opens the token of the module and signs in to it. Throws a BootError. */
export async function openPkcs11Module(settings: Pkcs11Settings): Promise<KeyModule> {
  const pkcs11 = await loadPkcs11(settings.package_name ?? 'pkcs11js');
  let sessions: Pkcs11Sessions;
  try {
    sessions = openSessions(pkcs11, settings);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    throw new BootError(
      `the PKCS #11 module ${settings.library} does not open its token ${settings.token}: ${why}`,
    );
  }
  const found = new Map<string, Handle>();

  /** Handles hold for all sessions; a module that came back may have given out others. */
  function privateHalf(session: Handle, module_id: Buffer): Handle {
    const name = module_id.toString('hex');
    const known = found.get(name);
    if (known !== undefined) return known;
    pkcs11.C_FindObjectsInit(session, [
      { type: CKA.CLASS, value: CKO_PRIVATE_KEY }, { type: CKA.ID, value: module_id },
    ]);
    const [key] = pkcs11.C_FindObjects(session, 1);
    pkcs11.C_FindObjectsFinal(session);
    if (key === undefined) throw new Error('the module has no key of this id');
    found.set(name, key);
    return key;
  }

  return {
    async createPair(algorithm, label) {
      const module_id = randomBytes(MODULE_ID_BYTES);
      const public_key = await sessions.use(CREATE_TIMEOUT_MS, (session) =>
        generate(pkcs11, session, { algorithm, label, module_id }));
      return { module_id, public_key };
    },
    async sign(module_id, algorithm, input) {
      try {
        return await sessions.use(SIGN_TIMEOUT_MS, (session) => {
          const key = privateHalf(session, module_id);
          if (algorithm === 'RS256') {
            pkcs11.C_SignInit(session, { mechanism: CKM.SHA256_RSA_PKCS }, key);
            return signed(pkcs11, session, input);
          }
          pkcs11.C_SignInit(session, { mechanism: CKM.ECDSA }, key);
          return signed(pkcs11, session, hash('sha256', input, 'buffer'));
        });
      } catch (error) {
        found.clear();
        throw error;
      }
    },
    close: () => sessions.close(),
  };
}

/** Buffers that another thread reads or fills: the package itself does not hold on to them. */
const in_use = new Set<Buffer>();

async function signed(pkcs11: Pkcs11, session: Handle, input: Buffer): Promise<Buffer> {
  const output = Buffer.alloc(SIGNATURE_BYTES_MAX);
  in_use.add(input).add(output);
  try {
    return Buffer.from(await pkcs11.C_SignAsync(session, input, output));
  } finally {
    in_use.delete(input);
    in_use.delete(output);
  }
}

type NewPair = {
  readonly algorithm: SigningAlgorithm;
  readonly label: string;
  readonly module_id: Buffer;
};

async function generate(
  pkcs11: Pkcs11,
  session: Handle,
  { algorithm, label, module_id }: NewPair,
): Promise<KeyObject> {
  const named: Template = [
    { type: CKA.TOKEN, value: true },
    { type: CKA.LABEL, value: Buffer.from(label) },
    { type: CKA.ID, value: module_id },
  ];
  const kind: Template = algorithm === 'ES256'
    ? [{ type: CKA.EC_PARAMS, value: P256_OID }]
    : [
      { type: CKA.MODULUS_BITS, value: RSA_BITS },
      { type: CKA.PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
    ];
  const mechanism = algorithm === 'ES256' ? CKM.EC_KEY_PAIR_GEN : CKM.RSA_PKCS_KEY_PAIR_GEN;
  const { publicKey } = await pkcs11.C_GenerateKeyPairAsync(
    session,
    { mechanism },
    [...named, ...kind, { type: CKA.VERIFY, value: true }],
    [
      ...named,
      { type: CKA.PRIVATE, value: true },
      { type: CKA.SENSITIVE, value: true },
      { type: CKA.EXTRACTABLE, value: false },
      { type: CKA.SIGN, value: true },
    ],
  );
  const read = (type: number): Buffer => {
    const [attribute] = pkcs11.C_GetAttributeValue(session, publicKey, [{ type }]);
    if (!Buffer.isBuffer(attribute?.value)) throw new Error('the module hides a public key');
    return attribute.value;
  };
  return algorithm === 'ES256'
    ? pointKey(read(CKA.EC_POINT))
    : rsaKey(read(CKA.MODULUS), read(CKA.PUBLIC_EXPONENT));
}

/** Most modules wrap the point in an OCTET STRING, some do not: it stands at the end in both. */
function pointKey(value: Buffer): KeyObject {
  const point = value.subarray(-POINT_BYTES);
  if (point.length !== POINT_BYTES || point[0] !== UNCOMPRESSED) {
    throw new StoreFault('the module gives a point in a form we do not know', false);
  }
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  return createPublicKey({ key: { kty: 'EC', crv: CURVE, x, y }, format: 'jwk' });
}

function rsaKey(modulus: Buffer, exponent: Buffer): KeyObject {
  const n = withoutLeadingZeros(modulus).toString('base64url');
  const e = withoutLeadingZeros(exponent).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
}

function withoutLeadingZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes : bytes.subarray(first);
}
