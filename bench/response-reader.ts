/** Finds where an HTTP/1.1 answer ends; one answer at a time, `Content-Length` only. */

/** The bytes may be the caller's own buffer: used at once or copied. */
export type WholeAnswer = { readonly status: number; readonly bytes: Buffer };

export type ResponseReader = {
  /** Takes what arrived; the answer once it is whole, else null. */
  readonly push: (buffer: Buffer, count: number) => WholeAnswer | null;
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
          return { status: Number(head.slice(9, 12)), bytes: all };
        }
      }
      // The caller reuses its buffer: what is kept must be a copy.
      kept = kept === null ? Buffer.from(all) : all;
      return null;
    },
  };
}
