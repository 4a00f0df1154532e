using System.Text.Json.Serialization;

namespace BuildRunner.Http.Tests.Fixtures;

internal sealed record Row(string? State);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Row))]
internal sealed partial class RowJson : JsonSerializerContext;

/// <summary>The calls of an imaginary CI.</summary>
internal static class Calls
{
    public static readonly BuildId Build = new("7");

    public static HttpBackend Backend(Uri address, Func<HttpBackendOptions, HttpBackendOptions>? with = null)
    {
        HttpBackendOptions options = new() { Name = "test", BaseAddress = address, TimeProvider = new HastyTime() };
        return new HttpBackend(with?.Invoke(options) ?? options);
    }

    public static HttpBackend Backend(ScriptedHandler handler, Func<HttpBackendOptions, HttpBackendOptions>? with = null) =>
        Backend(new Uri("http://ci.test/api/"), options =>
        {
            options = options with { CreateHandler = () => handler };
            return with?.Invoke(options) ?? options;
        });

    public static Task<BuildId> CreateAsync(this HttpBackend backend, Func<CancellationToken, Task<BuildId?>>? find = null, CancellationToken cancellationToken = default) =>
        backend.CreateAsync(Post("builds"), static reply => reply.Text == "no id" ? null : Build, find, amend: null, cancellationToken);

    public static Task<Row?> ReadAsync(this HttpBackend backend, CancellationToken cancellationToken = default) =>
        backend.ReadAsync(new HttpRequestMessage(HttpMethod.Get, "builds/7"), RowJson.Default.Row, Build, cancellationToken);

    public static Task CancelAsync(this HttpBackend backend, Func<bool> hasEnded, CancellationToken cancellationToken = default) =>
        backend.CancelAsync(Post("builds/7/cancel"), Build, _ => Task.FromResult(hasEnded()), isAccepted: null, cancellationToken);

    public static HttpRequestMessage Post(string path) => new(HttpMethod.Post, path) { Content = new StringContent("{}") };
}
