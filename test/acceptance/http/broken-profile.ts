/** Loaded before the server: makes one response encoder throw, as a bug would. */
const stringify = JSON.stringify;

JSON.stringify = ((value: unknown, ...rest: []) => {
  const is_profile = typeof value === 'object' && value !== null && 'profile' in value;
  if (is_profile) throw new TypeError('broken on purpose at /secret/path.ts');
  return stringify(value, ...rest);
}) as typeof JSON.stringify;
