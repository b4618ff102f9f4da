/** A start that must not happen. The message names the key or route and says what to change. */
export class BootError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BootError';
  }
}
