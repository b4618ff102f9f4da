/** A conversation without a wire: what it says is kept, and commands are answered by the test. */
import type { CommandName, Dispatch, Identity, SessionAnswer } from '../../../src/core/commands.ts';
import type { Profile } from '../../../src/core/rules/profile.ts';
import { type RefusalCode, accepted, refused } from '../../../src/core/rules/refusals.ts';
import type {
  Conversation, UpstreamEvents, UpstreamTarget, WireSocket,
} from '../../../src/core/sockets.ts';
import type { SocketOptions } from '../../../src/dialects/tradovate/socket/answers.ts';
import { converse } from '../../../src/dialects/tradovate/socket/conversation.ts';

export const PROFILE = { dialect: 'demo' } as Profile;

export const TOKEN = 'demo.access-token';

/** What the flows answer to one command. */
export type Script = {
  readonly [N in CommandName]?: (command: object) => unknown;
};

export type Sent = { readonly name: CommandName; readonly command: object; readonly from: string };

export type Talk = {
  /** Everything said so far, in order. */
  readonly frames: string[];
  /** Commands in the order they were sent. */
  readonly commands: Sent[];
  readonly closes: { readonly code: number; readonly reason: string }[];
  readonly conversation: Conversation;
  /** Receives frames, and lets everything that they set off happen. */
  say(...texts: string[]): Promise<void>;
  authorize(id?: number): Promise<void>;
  /** Lets so much time pass, tick by tick. */
  pass(ms: number): Promise<void>;
  /** Lets what is under way go on. */
  settle(): Promise<void>;
  readonly authorized: () => boolean;
  /** Connections to a server behind us. */
  readonly upstreams: Upstreams[];
};

export type Upstreams = {
  readonly target: UpstreamTarget;
  readonly events: UpstreamEvents;
  readonly sent: string[];
  closed: boolean;
};

/** A refusal as flows answer it. */
export function no(code: RefusalCode, more: object = {}): unknown {
  return refused({ code, rule: 'test', reason: 'test', ...more });
}

export const IDENTITY: Identity = {
  number: 1_840_217,
  login_name: 'alice',
  name: 'Alice Example',
  email: 'alice@example.com',
  email_verified: true,
  status: 'active',
  features: { is_trial: false, sim_plus: false, funded: false, market_data: false },
  has_accounts: true,
};

export const RENEWED: SessionAnswer = {
  access_token: 'demo.renewed', stream_token: null, expires_at: 0, identity: IDENTITY, breach: null,
};

/** Every command succeeds unless the script says otherwise. */
const GOOD: Script = {
  open_socket: () => accepted({ customer: 'c' }),
  watch_socket: () => accepted({ state: 'open' }),
  close_socket: () => accepted(null),
  read_identity: () => accepted(IDENTITY),
  read_profile: () => accepted({ number: IDENTITY.number }),
  renew_token: () => accepted(RENEWED),
  check_token: () => accepted({ customer: 'c' }),
};

const TICK_MS = 250;

export function talk(script: Script = {}, options: Partial<SocketOptions> = {}): Talk {
  const frames: string[] = [];
  const commands: Sent[] = [];
  const closes: { code: number; reason: string }[] = [];
  const upstreams: Upstreams[] = [];
  let authorized = false;
  let now = 1_000;
  const socket: WireSocket = {
    id: 'S1',
    world: 'live',
    authority: 'live.example',
    address: '203.0.113.7',
    send: (text) => void (closes.length === 0 && frames.push(text)),
    authorized: () => void (authorized = true),
    close: (code, reason) => void closes.push({ code, reason }),
    connect(target, events) {
      const made: Upstreams = { target, events, sent: [], closed: false };
      upstreams.push(made);
      return { send: (text) => void made.sent.push(text), close: () => void (made.closed = true) };
    },
  };
  const answers = { ...GOOD, ...script };
  const dispatch = (async (name: CommandName, command: object, { address, request_id }) => {
    commands.push({ name, command, from: `${address} ${request_id}` });
    const answer = answers[name];
    if (answer === undefined) throw new Error(`nobody answers ${name}`);
    return answer(command);
  }) as Dispatch;
  const conversation = converse({
    answers: {
      identity: ({ number }) => ({ userId: number }),
      session: ({ access_token }) => ({ accessToken: access_token }),
      refusal: ({ code, penalty }) => {
        if (penalty !== undefined) return { 'p-ticket': penalty.ticket };
        return code === 'customer_inactive' ? { errorText: 'inactive' } : null;
      },
    },
    profile: () => PROFILE,
    upstream: () => null,
    example: () => null,
    ...options,
  }, socket, dispatch, now);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const say = async (...texts: string[]) => {
    for (const text of texts) conversation.receive(text);
    await settle();
  };
  return {
    frames,
    commands,
    closes,
    conversation,
    say,
    authorize: (id = 0) => say(`authorize\n${id}\n\n${TOKEN}`),
    async pass(ms) {
      for (let left = ms; left > 0; left -= TICK_MS) {
        now += Math.min(left, TICK_MS);
        conversation.tick(now);
        await settle();
      }
    },
    settle,
    authorized: () => authorized,
    upstreams,
  };
}

/** What was said since the greeting, without heartbeats. */
export function words({ frames }: Talk): string[] {
  return frames.filter((text) => text !== 'o' && text !== 'h');
}
