# Walks the flow with OmniAuth, talking in lines with the test that plays the browser. The
# strategy below is the usual one for this dialect: comma-joined scopes, the profile as the user.
# Arguments: origin, client id, client secret, "body" or "basic".
# Says the authorization URL; hears the callback URL; says one JSON object.
require 'json'
require 'omniauth-oauth2'
require 'rack'
require 'rack/mock'
require 'rack/session/cookie'

ORIGIN, CLIENT_ID, CLIENT_SECRET, CREDENTIALS = ARGV

class Tradier < OmniAuth::Strategies::OAuth2
  option :name, 'tradier'

  def authorize_params
    super.tap { |own| own[:scope] ||= 'read,write,market,trade,stream' }
  end

  uid { profile['id'] }
  info { { 'name' => profile['name'] } }

  def profile
    @profile ||= access_token
      .get('/v1/user/profile', headers: { 'Accept' => 'application/json' })
      .parsed['profile']
  end
end

OmniAuth.config.allowed_request_methods = [:get, :post]
OmniAuth.config.silence_get_warning = true
OmniAuth.config.logger = Logger.new($stderr)
OmniAuth.config.on_failure = lambda do |env|
  said = env['omniauth.error']
  body = { failure: env['omniauth.error.type'], says: said.respond_to?(:message) ? said.message : nil }
  [401, {}, [body.to_json]]
end

credentials = CREDENTIALS == 'basic' ? :basic_auth : :request_body
app = Rack::Builder.new do
  use Rack::Session::Cookie, secret: 'demo-session-secret-' * 4
  use Tradier, CLIENT_ID, CLIENT_SECRET, client_options: {
    site: ORIGIN,
    authorize_url: "#{ORIGIN}/v1/oauth/authorize",
    token_url: "#{ORIGIN}/v1/oauth/accesstoken",
    auth_scheme: credentials,
  }
  run lambda { |env|
    user = env['omniauth.auth']
    body = { uid: user.uid, info: user.info, token: user.credentials.token,
             refresh_token: user.credentials.refresh_token }
    [200, {}, [body.to_json]]
  }
end.to_app

# Where this app is registered to be called back.
BASE = 'https://ruby.example'
browser = Rack::MockRequest.new(app)
asked = browser.get("#{BASE}/auth/tradier")
puts asked['Location']
$stdout.flush

answer = URI($stdin.gets.strip)
cookie = asked['Set-Cookie'].split(';').first
puts browser.get("#{BASE}#{answer.request_uri}", 'HTTP_COOKIE' => cookie).body
