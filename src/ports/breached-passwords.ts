/** Passwords that stood in a leak. Asked for a hint only: it never decides a sign-in. */
export type BreachedPasswords = {
  /** Whether the password, or the name together with it, is in the configured list. */
  find(name: string, password: string): 'name_and_password' | 'password' | null;
};
