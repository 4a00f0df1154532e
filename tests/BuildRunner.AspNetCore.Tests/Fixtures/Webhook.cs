using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A webhook as GitHub sends it.</summary>
internal sealed record Webhook(string Body, string Secret = Webhook.KnownSecret)
{
    public const string KnownSecret = "wh-secret";

    /// <summary>Gets one that was signed by another implementation.</summary>
    public static Webhook Vector { get; } = new(
        """{"action":"completed","workflow_run":{"id":30433642,"run_attempt":1,"status":"completed","conclusion":"success"}}""")
    {
        Signature = "sha256=f885d3167b5b7525ecd6fb82ac692edf3aa3885ab0e5032d2ad8420bd69fbf9c",
    };

    public string? Signature { get; init; } =
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(Body)));

    public static Webhook Of(BuildId build) =>
        new($$"""{"action":"completed","workflow_run":{"id":"{{build}}"},"repository":{"full_name":"acme/shop"} }""");

    /// <summary>Gets one with a body of a size.</summary>
    public static Webhook OfSize(int size) => new($$"""{"workflow_run":{"id":7},"filler":"{{new string('x', size - 37)}}"}""");

    public HttpRequestMessage ToRequest(string runner = "ci", bool isChunked = false)
    {
        var bytes = Encoding.UTF8.GetBytes(Body);
        HttpRequestMessage request = new(HttpMethod.Post, $"/build-webhooks/{runner}")
        {
            Content = isChunked ? new StreamContent(new PacedStream(bytes)) : new ByteArrayContent(bytes),
        };
        request.Headers.TransferEncodingChunked = isChunked ? true : null;
        if (Signature is not null)
        {
            request.Headers.Add("X-Hub-Signature-256", Signature);
        }

        return request;
    }
}
