"""Asks a token endpoint the way Python programs do: requests, every answer read as JSON.

Arguments: URL, Authorization value, grant type, name and value of the second form field.
"""

import json
import sys

import requests

address, authorization, grant_type, field, value = sys.argv[1:]
answer = requests.post(
    address,
    data={"grant_type": grant_type, field: value},
    headers={"Authorization": authorization, "Accept": "application/json"},
)
body = answer.json()
print(answer.status_code)
print(json.dumps(body))
