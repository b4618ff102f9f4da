// Asks a token endpoint the way Java programs do: Apache HttpClient 4, every answer read as JSON.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.impl.client.HttpClientBuilder;
import org.apache.http.util.EntityUtils;

class TokenRequest {
  public static void main(String[] args) throws Exception {
    HttpUriRequest post =
        RequestBuilder.post(args[0])
            .addHeader("Authorization", args[1])
            .addHeader("Accept", "application/json")
            .addParameter("grant_type", args[2])
            .addParameter(args[3], args[4])
            .build();
    var client = HttpClientBuilder.create().build();
    var answer = client.execute(post);
    var body = new ObjectMapper().readTree(EntityUtils.toString(answer.getEntity()));
    System.out.println(answer.getStatusLine().getStatusCode());
    System.out.println(body);
  }
}
