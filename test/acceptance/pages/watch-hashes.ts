/** Loaded before the server: says on stderr with which parameters each password is compared. */
import { createRequire } from 'node:module';

const argon2 = createRequire(import.meta.url)('@node-rs/argon2') as {
  verify: (hash: string, ...rest: unknown[]) => Promise<boolean>;
};

const { verify } = argon2;

argon2.verify = (hash, ...rest) => {
  const [, kind, version, parameters, salt = '', output = ''] = hash.split('$');
  const lengths = [salt.length, output.length];
  const says = { watched: 'verify', kind, version, parameters, lengths };
  process.stderr.write(`${JSON.stringify(says)}\n`);
  return verify(hash, ...rest);
};
