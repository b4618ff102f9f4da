// Asks a token endpoint the way Node programs of the time do: the `request` package.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
const request = require('request');

const [url, authorization, grant_type, field, value] = process.argv.slice(2);

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
