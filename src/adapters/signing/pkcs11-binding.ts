/**
 * The few calls and numbers of PKCS #11 2.40 that we use, and the package that makes them. It is
 * no dependency of ours: it builds native code when it is installed, and few need it. Who sets a
 * module installs it beside us.
 */
import { BootError } from '../../core/boot-error.ts';

export type Handle = Buffer;
export type Attribute = { readonly type: number; readonly value?: Buffer | number | boolean };
export type Template = readonly Attribute[];
type Mechanism = { readonly mechanism: number };

/** The functions of the standard, named and given as there. */
export type Pkcs11 = {
  load(library: string): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_GetSlotList(token_present: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { readonly label: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_Login(session: Handle, user: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: Template): void;
  C_FindObjects(session: Handle, count_max: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(session: Handle, object: Handle, template: Template): Attribute[];
  C_GenerateKeyPairAsync(
    session: Handle, mechanism: Mechanism, public_half: Template, private_half: Template,
  ): Promise<{ readonly publicKey: Handle; readonly privateKey: Handle }>;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_SignAsync(session: Handle, input: Buffer, output: Buffer): Promise<Buffer>;
};

type Pkcs11Package = { readonly PKCS11: new () => Pkcs11 };

export const CKA = {
  CLASS: 0x0, TOKEN: 0x1, PRIVATE: 0x2, LABEL: 0x3, ID: 0x102, SENSITIVE: 0x103, SIGN: 0x108,
  VERIFY: 0x10a, MODULUS: 0x120, MODULUS_BITS: 0x121, PUBLIC_EXPONENT: 0x122,
  EXTRACTABLE: 0x162, EC_PARAMS: 0x180, EC_POINT: 0x181,
} as const;

export const CKO_PRIVATE_KEY = 3;
export const CKF_OS_LOCKING_OK = 2;
export const CKF_RW_SESSION = 2;
export const CKF_SERIAL_SESSION = 4;
export const CKU_USER = 1;

export const CKM = {
  RSA_PKCS_KEY_PAIR_GEN: 0x0, SHA256_RSA_PKCS: 0x40, EC_KEY_PAIR_GEN: 0x1040, ECDSA: 0x1041,
} as const;

export const CKR = {
  USER_ALREADY_LOGGED_IN: 0x100, CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;

/** Calls, except for the return value named: the state asked for is already there. */
export function tolerating(return_value: number, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === return_value)) throw error;
  }
}

/** The package, by its name or path. Throws a BootError that says how to get it. */
export async function loadPkcs11(name: string): Promise<Pkcs11> {
  let found: unknown;
  try {
    found = await import(name);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : 'unknown';
    throw new BootError(
      `signing keys are to be kept in a PKCS #11 module, but the package ${name} cannot be ` +
        `loaded: npm install ${name}, or leave the module out of the settings (${why})`,
    );
  }
  const { default: pkcs11js } = found as { readonly default: Pkcs11Package };
  return new pkcs11js.PKCS11();
}
