/** Times and spans in words. Times are UTC, because a server cannot know where she reads. */

const DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit',
  minute: '2-digit', hourCycle: 'h23',
});

const MACHINE_DATE = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'UTC', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit',
  minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});

const SPANS = [
  { name: 'day', length_s: 86_400 },
  { name: 'hour', length_s: 3600 },
  { name: 'minute', length_s: 60 },
] as const;

/** `24 November 2026, 19:40 UTC`. */
export function dateWords(time_ms: number): string {
  const part = partsOf(DATE, time_ms);
  return `${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute} UTC`;
}

/** `2026-11-24T19:40:05Z`, for the `datetime` attribute. */
export function machineDate(time_ms: number): string {
  const part = partsOf(MACHINE_DATE, time_ms);
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`;
}

/** `3 hours ago`; under a minute, or in the future by clock skew: `just now`. */
export function agoWords(time_ms: number, now_ms: number): string {
  const passed_s = Math.floor((now_ms - time_ms) / 1000);
  const span = SPANS.find((candidate) => passed_s >= candidate.length_s);
  if (span === undefined) return 'just now';
  return `${countWords(Math.floor(passed_s / span.length_s), span.name)} ago`;
}

/** `24 hours` for 86399 s: the largest unit below two days that says it within a minute. */
export function spanWords(span_s: number): string {
  const minutes = Math.max(1, Math.ceil(span_s / 60));
  if (minutes >= 2880 && minutes % 1440 === 0) return countWords(minutes / 1440, 'day');
  if (minutes >= 60 && minutes % 60 === 0) return countWords(minutes / 60, 'hour');
  if (minutes < 120) return countWords(minutes, 'minute');
  return `${countWords(Math.floor(minutes / 60), 'hour')} ${countWords(minutes % 60, 'minute')}`;
}

/** `1 app`, `2 apps`. */
export function countWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

type DateParts = { [part in Intl.DateTimeFormatPartTypes]?: string };

function partsOf(format: Intl.DateTimeFormat, time_ms: number): DateParts {
  const parts: DateParts = {};
  for (const { type, value } of format.formatToParts(time_ms)) parts[type] = value;
  return parts;
}
