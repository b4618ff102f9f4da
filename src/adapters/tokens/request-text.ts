/** The text inside a sealed authorization request. */
import type { RequestedAuthorization } from '../../core/kinds/request.ts';

/**
 * One line of JSON, then the client's `state` as it is: escaped inside the JSON it could double in
 * size, and the handle travels in a URL. No line feed = no state was sent.
 */
export function textOfRequest({ state, ...rest }: RequestedAuthorization): string {
  const head = JSON.stringify(rest);
  return state === null ? head : `${head}\n${state}`;
}

/** Reads what `textOfRequest` wrote and a key of ours has sealed: its form is not in doubt. */
export function requestOfText(text: string): RequestedAuthorization {
  const end = text.indexOf('\n');
  const rest = JSON.parse(end < 0 ? text : text.slice(0, end)) as
    Omit<RequestedAuthorization, 'state'>;
  return { ...rest, state: end < 0 ? null : text.slice(end + 1) };
}
