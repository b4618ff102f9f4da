// Asks a token endpoint the way .NET programs of the time do: HttpWebRequest, which announces its
// body (Expect: 100-continue) and throws on every status that is no success.
// Arguments: URL, Authorization value, grant type, name and value of the second form field.
using System;
using System.IO;
using System.Net;
using System.Text;

public static class TokenRequest
{
    public static void Main(string[] args)
    {
        byte[] body = Encoding.ASCII.GetBytes("grant_type=" + args[2] + "&" + args[3] + "=" + args[4]);
        var post = (HttpWebRequest)WebRequest.Create(args[0]);
        post.Method = "POST";
        post.Headers["Authorization"] = args[1];
        post.Accept = "application/json";
        post.ContentType = "application/x-www-form-urlencoded";
        post.ContentLength = body.Length;
        using (Stream stream = post.GetRequestStream())
        {
            stream.Write(body, 0, body.Length);
        }

        var answer = (HttpWebResponse)post.GetResponse();
        Console.WriteLine((int)answer.StatusCode);
        using (var reader = new StreamReader(answer.GetResponseStream()))
        {
            Console.WriteLine(reader.ReadToEnd());
        }
    }
}
