// Asks a token endpoint the way Node programs of the time do: the `request` package.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
import { createRequire } from 'node:module';

type Answered = (error: Error | null, response: { statusCode: number }, body: string) => void;

const load = createRequire(import.meta.url);
const request = load('request') as (options: object, answered: Answered) => void;

const [url, authorization, grant_type, field = '', value] = process.argv.slice(2);

request(
  {
    method: 'post',
    url,
    form: { grant_type, [field]: value },
    headers: { Authorization: authorization, Accept: 'application/json' },
  },
  (error, response, body) => {
    if (error) throw error;
    console.log(response.statusCode);
    console.log(body);
  },
);
