/** Finds where an HTTP/1.1 answer ends; one answer at a time, `Content-Length` only. */

export type ResponseReader = {
  /** Takes what arrived; the status once the answer is whole, else null. */
  readonly push: (buffer: Buffer, count: number) => number | null;
};

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/i;

export function createResponseReader(): ResponseReader {
  let kept: Buffer | null = null;
  return {
    push: (buffer, count) => {
      const arrived = buffer.subarray(0, count);
      const all: Buffer = kept === null ? arrived : Buffer.concat([kept, arrived]);
      const head_end = all.indexOf(HEAD_END);
      if (head_end >= 0) {
        const head = all.toString('latin1', 0, head_end);
        const length = LENGTH.exec(head)?.[1];
        if (length === undefined) throw new Error(`an answer without Content-Length: ${head}`);
        const whole = head_end + 4 + Number(length);
        if (all.length > whole) throw new Error('more bytes than the answer has');
        if (all.length === whole) {
          kept = null;
          return Number(head.slice(9, 12));
        }
      }
      // The caller reuses its buffer: what is kept must be a copy.
      kept = kept === null ? Buffer.from(all) : all;
      return null;
    },
  };
}
