/** Times of token answers: New York local time with its offset, whole seconds (contract §5.2). */

const OFFSET = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York', timeZoneName: 'longOffset',
});

const HOUR_MS = 3_600_000;

let hour = -1;
let offset_text = '-05:00';
let offset_ms = -5 * HOUR_MS;
let second = -1;
let text = '';

/**
 * `2014-05-28T09:33:35-04:00` of an epoch-ms instant. The offset changes only on the hour and the
 * text only on the second, so both are kept: a busy server formats once a second.
 */
export function newYorkTime(at: number): string {
  const at_second = Math.floor(at / 1000);
  if (at_second === second) return text;
  const at_hour = Math.floor(at / HOUR_MS);
  if (at_hour !== hour) {
    offset_text = offsetAt(at);
    offset_ms = offsetMs(offset_text);
    hour = at_hour;
  }
  second = at_second;
  text = `${localText(at_second * 1000 + offset_ms)}${offset_text}`;
  return text;
}

function offsetAt(at: number): string {
  const name = OFFSET.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value;
  return name?.replace('GMT', '') ?? '-05:00';
}

function offsetMs(offset: string): number {
  const hours = Number(offset.slice(1, 3)) + Number(offset.slice(4, 6)) / 60;
  return (offset.startsWith('-') ? -hours : hours) * HOUR_MS;
}

/** `YYYY-MM-DDThh:mm:ss` of a shifted instant, from days since the epoch (proleptic Gregorian). */
function localText(shifted_ms: number): string {
  const days = Math.floor(shifted_ms / 86_400_000);
  const seconds = Math.floor(shifted_ms / 1000) - days * 86_400;
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${dateText(days)}T${time}`;
}

function dateText(days: number): string {
  // Years begin in March here, so that the leap day is a year's last day.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day_of_era = shifted - era * 146_097;
  const year_of_era = Math.floor(
    (day_of_era - Math.floor(day_of_era / 1460) + Math.floor(day_of_era / 36_524) -
      Math.floor(day_of_era / 146_096)) / 365,
  );
  const day_of_year =
    day_of_era - (365 * year_of_era + Math.floor(year_of_era / 4) - Math.floor(year_of_era / 100));
  const march_month = Math.floor((5 * day_of_year + 2) / 153);
  const day = day_of_year - Math.floor((153 * march_month + 2) / 5) + 1;
  const month = march_month < 10 ? march_month + 3 : march_month - 9;
  const year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
