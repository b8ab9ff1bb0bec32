import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** What Java's HttpClient gets over HTTP/1.1, and with its offer of h2c by Upgrade, one line a case. Client BASE_URL */
class Client {
  public static void main(String[] arguments) throws Exception {
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client = HttpClient.newBuilder().version(version).build();
      String base = arguments[0];
      ask(client, version + " get", base + "/echo?a=1", "GET", BodyPublishers.noBody(), "x-dup", "one", "x-dup", "two");
      ask(client, version + " post", base + "/echo", "POST", BodyPublishers.ofString("{\"text\":\"café\"}"), "content-type", "application/json");
      ask(client, version + " streamed", base + "/echo", "POST", BodyPublishers.fromPublisher(BodyPublishers.ofByteArrays(List.of("one".getBytes(), "two".getBytes()))));
      ask(client, version + " put", base + "/echo", "PUT", BodyPublishers.ofByteArray(new byte[200_000]));
      ask(client, version + " head", base + "/plain", "HEAD", BodyPublishers.noBody());
      ask(client, version + " chunked", base + "/chunked", "GET", BodyPublishers.noBody());
      ask(client, version + " fields", base + "/fields", "GET", BodyPublishers.noBody());
      ask(client, version + " no content", base + "/status/204", "GET", BodyPublishers.noBody());
      ask(client, version + " error", base + "/status/500", "GET", BodyPublishers.noBody());
      ask(client, version + " gzip", base + "/gzip", "GET", BodyPublishers.noBody());
      ask(client, version + " big", base + "/big", "GET", BodyPublishers.noBody());
    }
    HttpClient patient = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest expecting = HttpRequest.newBuilder(URI.create(arguments[0] + "/echo")).expectContinue(true)
        .timeout(Duration.ofSeconds(30)).POST(BodyPublishers.ofString("held back")).build();
    say("expect", patient.send(expecting, BodyHandlers.ofByteArray()));
  }

  private static void ask(HttpClient client, String name, String url, String method, BodyPublisher body, String... fields) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30)).method(method, body);
    if (fields.length > 0) request.headers(fields);
    say(name, client.send(request.build(), BodyHandlers.ofByteArray()));
  }

  private static void say(String name, HttpResponse<byte[]> response) throws Exception {
    byte[] body = response.body();
    String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    String text = body.length < 5000 ? new String(body, StandardCharsets.ISO_8859_1) : "";
    System.out.println(String.join(" | ", Arrays.asList(name, String.valueOf(response.statusCode()), response.headers().map().toString(), sum, text)));
  }
}
