# Asks a token endpoint the way Ruby programs do: net/http, header by header.
# Arguments: URL, Authorization value, grant type, name and value of the second form field.
require 'net/http'
require 'uri'

address, authorization, grant_type, field, value = ARGV
target = URI(address)
connection = Net::HTTP.new(target.host, target.port)
connection.use_ssl = target.scheme == 'https'

post = Net::HTTP::Post.new(target)
post['Authorization'] = authorization
post['Accept'] = 'application/json'
post['Content-Type'] = 'application/x-www-form-urlencoded'
post.body = "grant_type=#{grant_type}&#{field}=#{value}"

answer = connection.request(post)
puts answer.code, answer.read_body
