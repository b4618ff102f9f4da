"""Walks the flow with requests-oauthlib, talking in lines with the test that plays the browser.

Arguments: origin, client id, client secret, callback, scopes separated by commas.
Says the authorization URL; hears the callback URL; says one JSON object.
"""

import json
import sys

from requests_oauthlib import OAuth2Session

origin, client_id, client_secret, callback, scopes = sys.argv[1:]

session = OAuth2Session(client_id, redirect_uri=callback, scope=scopes.split(","))
address, state = session.authorization_url(f"{origin}/v1/oauth/authorize")
print(address, flush=True)

answer = sys.stdin.readline().strip()
try:
    token = session.fetch_token(
        f"{origin}/v1/oauth/accesstoken",
        authorization_response=answer,
        client_secret=client_secret,
    )
    profile = session.get(
        f"{origin}/v1/user/profile", headers={"Accept": "application/json"}
    ).json()
    refreshed = session.refresh_token(
        f"{origin}/v1/oauth/refreshtoken", auth=(client_id, client_secret)
    )
    print(json.dumps({"token": token, "profile": profile, "refreshed": refreshed}))
except Exception as error:
    print(json.dumps({"error": getattr(error, "error", type(error).__name__)}))
