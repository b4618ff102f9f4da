/** The languages of the vendor's token samples, and how a program of each is run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, whyMissing } from './programs.ts';
import type { Ran } from './programs.ts';

/** URL, `Authorization` value, grant type, name and value of the second form field. */
export type SampleArguments = readonly [string, string, string, string, string];

export type Runner = (args: SampleArguments, certificate: string | null) => Promise<Ran>;

export type Language = {
  readonly name: string;
  /** Why it cannot run here, or undefined. */
  readonly missing: () => string | undefined;
  /** Compiles what needs it, into `directory`. */
  readonly prepare: (directory: string) => Runner;
};

const SAMPLES = resolve(import.meta.dirname, 'samples');
const JARS = [
  'httpclient', 'httpcore', 'commons-logging', 'commons-codec',
  'jackson-databind', 'jackson-core', 'jackson-annotations',
].map((name) => `/usr/share/java/${name}.jar`);

const NODE_SAMPLE = fileURLToPath(new URL('./samples/token-request.ts', import.meta.url));

const sample = (ending: string): string => join(SAMPLES, `token-request.${ending}`);

/** Runs a script; the certificate is told by a variable of the environment. */
function script(program: string, args: readonly string[], trust: string): Runner {
  return (own, certificate) =>
    runProgram(program, [...args, ...own], certificate === null ? {} : {
      env: { [trust]: certificate },
    });
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'curl',
    missing: () => whyMissing('curl', ['--version']),
    prepare: () => async ([url, authorization, grant_type, field, value], certificate) => {
      const args = [
        '-sS', '-w', '\n%{http_code}\n', '-X', 'POST', url,
        '-H', `Authorization: ${authorization}`,
        '-H', 'Accept: application/json',
        '-H', 'Content-Type: application/x-www-form-urlencoded',
        '-d', `grant_type=${grant_type}&${field}=${value}`,
      ];
      const env = certificate === null ? {} : { env: { CURL_CA_BUNDLE: certificate } };
      const ran = await runProgram('curl', args, env);
      const [body = '', status = ''] = ran.stdout.trim().split('\n');
      return { ...ran, stdout: `${status}\n${body}\n` };
    },
  },
  {
    name: 'Java (Apache HttpClient)',
    missing: () => {
      const jar = JARS.find((path) => !existsSync(path));
      if (jar !== undefined) return `${jar} is not here`;
      return whyMissing('java', ['-version']);
    },
    prepare: prepareJava,
  },
  {
    name: 'Ruby (net/http)',
    missing: () => whyMissing('ruby', ['--version']),
    prepare: () => script('ruby', [sample('rb')], 'SSL_CERT_FILE'),
  },
  {
    name: 'Go (net/http)',
    missing: () => whyMissing('go', ['version']),
    prepare: (directory) => {
      const program = join(directory, 'token-request-go');
      const env = { ...process.env, GO111MODULE: 'off', GOTOOLCHAIN: 'local' };
      execFileSync('go', ['build', '-o', program, sample('go')], { env, stdio: 'pipe' });
      return script(program, [], 'SSL_CERT_FILE');
    },
  },
  {
    name: 'C# (HttpWebRequest)',
    missing: () =>
      whyMissing('mcs', ['--version']) ??
      whyMissing('mono', ['--version']) ??
      whyMissing('sh', ['-c', 'command -v cert-sync']),
    prepare: prepareMono,
  },
  {
    name: 'Node (request)',
    missing: () => undefined,
    prepare: () =>
      script(process.execPath, ['--no-deprecation', NODE_SAMPLE], 'NODE_EXTRA_CA_CERTS'),
  },
  {
    name: 'Python (requests)',
    missing: () => whyMissing('/usr/bin/python3', ['-c', 'import requests']),
    prepare: () => script('/usr/bin/python3', [sample('py')], 'REQUESTS_CA_BUNDLE'),
  },
  {
    name: 'PHP (curl)',
    missing: () => whyMissing('php', ['-r', 'exit(extension_loaded("curl") ? 0 : 1);']),
    prepare: () => (args, certificate) =>
      runProgram('php', [
        ...(certificate === null ? [] : ['-d', `curl.cainfo=${certificate}`]),
        sample('php'),
        ...args,
      ]),
  },
];

// Compiled once: the source launcher would compile on every call.
function prepareJava(directory: string): Runner {
  const out = join(directory, 'java');
  mkdirSync(out);
  const path = JARS.join(':');
  const compiler = whyMissing('javac', ['-version']) === undefined;
  if (compiler) {
    execFileSync('javac', ['-cp', path, '-d', out, sample('java')], { stdio: 'pipe' });
  }
  const ready = compiler && readdirSync(out).length > 0;
  const start = ready ? ['-cp', `${out}:${path}`, 'TokenRequest'] : ['-cp', path, sample('java')];
  return (args, certificate) => {
    const trust = certificate === null ? [] : trustJava(certificate, directory);
    return runProgram('java', [...trust, ...start, ...args]);
  };
}

function trustJava(certificate: string, directory: string): string[] {
  const store = join(directory, 'trust.p12');
  const password = 'demo-trust';
  if (!existsSync(store)) {
    execFileSync('keytool', [
      '-importcert', '-noprompt', '-alias', 'front', '-file', certificate,
      '-keystore', store, '-storetype', 'PKCS12', '-storepass', password,
    ], { stdio: 'pipe' });
  }
  return [
    `-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${password}`,
  ];
}

function prepareMono(directory: string): Runner {
  const program = join(directory, 'token-request.exe');
  execFileSync('mcs', [`-out:${program}`, sample('cs')], { stdio: 'pipe' });
  return (args, certificate) => {
    const env = { HOME: directory, XDG_CONFIG_HOME: join(directory, 'mono-config') };
    if (certificate !== null) {
      execFileSync('cert-sync', ['--quiet', '--user', certificate], {
        env: { ...process.env, ...env },
        stdio: 'pipe',
      });
    }
    return runProgram('mono', [program, ...args], { env });
  };
}
