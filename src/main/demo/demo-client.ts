/** A browser and an app in one, without JavaScript, that prints what it sends and gets. */

export type DemoAnswer = {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
};

export type JsonBody = { readonly [member: string]: unknown };

export type DemoTokens = { readonly access_token: string; readonly refresh_token?: string };

export type DemoClient = {
  title(text: string): void;
  get(path: string, headers?: { readonly [name: string]: string }): Promise<DemoAnswer>;
  /** Follows redirects within the server until there is a page. */
  follow(answer: DemoAnswer): Promise<DemoAnswer>;
  /** Sends a page's form with its hidden fields. */
  submit(
    page: DemoAnswer,
    form: string,
    fields: { readonly [name: string]: string },
  ): Promise<DemoAnswer>;
  token(
    path: string,
    basic: { readonly id: string; readonly secret: string },
    fields: { readonly [name: string]: string },
  ): Promise<DemoTokens>;
  /** Sends JSON and reads it. */
  json(path: string, body: JsonBody): Promise<JsonBody>;
};

export function demoClient(origin: string): DemoClient {
  const cookies = new Map<string, string>();

  async function send(
    method: string,
    url: string,
    init: { readonly headers?: { readonly [name: string]: string }; readonly body?: string },
  ): Promise<DemoAnswer> {
    const target = new URL(url, origin);
    print(`→ ${method} ${shorten(target.pathname + target.search)}`);
    for (const [name, value] of Object.entries(init.headers ?? {})) {
      print(`    ${name}: ${shorten(value)}`);
    }
    if (init.body !== undefined) print(`    ${shorten(init.body)}`);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = cookie === '' || init.headers?.['authorization'] !== undefined ? {} : { cookie };
    const reply = await fetch(target, {
      method, redirect: 'manual', headers: { ...own, ...init.headers }, body: init.body ?? null,
    });
    for (const set of reply.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const body = await reply.text();
    const location = reply.headers.get('location');
    printAnswer(reply.status, location, body);
    return { status: reply.status, location, body };
  }

  async function follow(answer: DemoAnswer): Promise<DemoAnswer> {
    let at = answer;
    for (let hops = 0; at.location !== null && hops < 5; hops++) {
      at = await send('GET', at.location, {});
    }
    return at;
  }

  return {
    title: (text) => print(`\n${text}`),
    get: (path, headers = {}) => send('GET', path, { headers }),
    follow,
    submit(page, form, fields) {
      const { action, hidden } = readForm(page.body, form);
      const body = new URLSearchParams({ ...hidden, ...fields }).toString();
      return send('POST', action, { headers: FORM, body });
    },
    async token(path, { id, secret }, fields) {
      const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
      const body = new URLSearchParams(fields).toString();
      const answer = await send('POST', path, { headers: { ...FORM, authorization }, body });
      return JSON.parse(answer.body) as DemoTokens;
    },
    async json(path, value) {
      const body = JSON.stringify(value);
      const answer = await send('POST', path, {
        headers: { 'content-type': 'application/json' }, body,
      });
      return JSON.parse(answer.body) as JsonBody;
    },
  };
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function readForm(html: string, id: string) {
  const form = new RegExp(`<form[^>]*id="${id}"[^>]*>[\\s\\S]*?</form>`).exec(html)?.[0];
  if (form === undefined) throw new Error(`the page has no form ${id}`);
  const action = /action="([^"]*)"/.exec(form)?.[1] ?? '';
  const hidden: { [name: string]: string } = {};
  for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    const value = /value="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) hidden[name] = value ?? '';
  }
  return { action, hidden };
}

function printAnswer(status: number, location: string | null, body: string): void {
  print(`← ${status}${location === null ? '' : `  Location: ${shorten(location)}`}`);
  if (body === '') return;
  const page = /<title>([^<]*)<\/title>/.exec(body)?.[1];
  print(page === undefined ? `    ${shorten(body)}` : `    page: ${page}`);
}

/** Long values of ours are cut: enough to recognise, too little to use. */
function shorten(text: string): string {
  return text.replace(/(cs_(?:live|paper)_[a-z]+_[A-Za-z0-9_-]{6})[A-Za-z0-9_-]+/g, '$1…')
    .replace(/(eyJ[A-Za-z0-9_-]{6})[A-Za-z0-9_.-]+/g, '$1…')
    .replace(/(Basic [A-Za-z0-9+/]{8})[A-Za-z0-9+/=]+/g, '$1…');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
