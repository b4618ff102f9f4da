/**
 * The two requests that the vendor's reference shows for fetch: a renewal, and a token request
 * whose only member is a placeholder. Prints the JSON that came, or says what was thrown.
 * Arguments: renew or token, the origin, and for renew the token.
 */
const [sample, origin = '', token = ''] = process.argv.slice(2);

const SAMPLES: { readonly [name: string]: readonly [string, RequestInit] } = {
  renew: [
    `${origin}/v1/auth/renewaccesstoken`,
    { method: 'GET', headers: { Authorization: `Bearer ${token}` } },
  ],
  token: [
    `${origin}/v1/auth/oauthtoken`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ grant_type: 'string' }),
    },
  ],
};

try {
  const [address, options] = SAMPLES[sample ?? ''] ?? ['', {}];
  const answer = await fetch(address, options);
  console.log(JSON.stringify(await answer.json()));
} catch (error) {
  console.error(error);
}
