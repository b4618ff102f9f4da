/**
 * What the socket is given by the rest of the dialect: the objects that REST answers with are the
 * same here, as `d` of a frame (contract §11, §14).
 */
import type { Identity, ProfileAnswer, SessionAnswer } from '../../../core/commands.ts';
import type { Refusal } from '../../../core/rules/refusals.ts';
import type { Profile } from '../../../core/rules/profile.ts';
import { apiRefusal } from '../api-answers.ts';
import { identityObject, sessionObject } from '../session-answers.ts';
import type { TradovateSettings } from '../settings.ts';

export type SocketAnswers = {
  /** Who she is (§8). */
  readonly identity: (identity: Identity) => object;
  /** The renewed tokens (§7). */
  readonly session: (answer: SessionAnswer) => object;
  /** A penalty, or a business failure with its `errorText`; null for any other refusal. */
  readonly refusal: (refusal: Refusal) => object | null;
};

/** One of the resources that stand in for a gateway in end-to-end tests (§12.10). */
export type ExampleResource = (profile: ProfileAnswer) => unknown;

export type SocketOptions = {
  readonly answers: SocketAnswers;
  /** Read at each use, like the rest: a development control may change settings while running. */
  readonly profile: () => Profile;
  /** Where resource operations go once they are allowed; null = they do not exist. */
  readonly upstream: () => string | null;
  /** @param operation `entity/operation` in lower case; null when there is no such example */
  readonly example: (operation: string) => ExampleResource | null;
};

/** The objects of REST. */
export function socketAnswers(settings: TradovateSettings): SocketAnswers {
  return {
    identity: identityObject,
    session: (answer) => sessionObject(answer, settings),
    refusal(refusal) {
      const { status, body } = apiRefusal(refusal, settings);
      return status === 200 && body !== '' ? JSON.parse(body) as object : null;
    },
  };
}
