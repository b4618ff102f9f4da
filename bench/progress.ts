/** One line that is written over; silent when nobody looks at a terminal. */
import type { WriteStream } from 'node:tty';

export type Progress = {
  readonly note: (text: string) => void;
  /** How much of something is made, from 0 to 1. */
  readonly share: (what: string, share: number) => void;
  readonly clear: () => void;
};

const CLEAR_LINE = '\r\u001b[K';

export function createProgress(stream: WriteStream): Progress {
  const write = (text: string): void => {
    if (stream.isTTY) stream.write(`${CLEAR_LINE}${text}`);
  };
  return {
    note: write,
    share: (what, share) => write(`making ${what}: ${Math.floor(share * 100)} %`),
    clear: () => write(''),
  };
}
