/** The store must not be opened so: the server does not start, and says what to change. */
export class StoreRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BootError';
  }
}
