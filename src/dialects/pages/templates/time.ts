/** A moment as every page shows it: how long ago, and when. */
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { agoWords, dateWords, machineDate } from '../time-words.ts';

export function timeWords(time_ms: number, now_ms: number): Html {
  return html`<time datetime="${machineDate(time_ms)}">${agoWords(time_ms, now_ms)}
<small>${dateWords(time_ms)}</small></time>`;
}

/** A moment to come. */
export function dateTime(time_ms: number): Html {
  return html`<time datetime="${machineDate(time_ms)}">${dateWords(time_ms)}</time>`;
}
