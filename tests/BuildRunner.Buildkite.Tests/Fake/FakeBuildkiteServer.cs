using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Buildkite.Tests.Fake;

/// <summary>A fake behind real sockets, on the loopback address.</summary>
internal sealed class FakeBuildkiteServer(FakeBuildkite buildkite) : IAsyncDisposable
{
    private readonly WebApplication _application = Create();

    public FakeBuildkite Buildkite => buildkite;

    public Uri Address => new($"{_application.Urls.Single()}/v2/");

    public async Task StartAsync()
    {
        _application.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            var headers = context.Request.Headers.ToDictionary(
                static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var reply = buildkite.Handle(new FakeRequest(context.Request.Method, new Uri(context.Request.GetEncodedUrl()), headers, body));
            if (reply.Status == 0)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = reply.Status;
            foreach (var (name, value) in reply.Headers)
            {
                context.Response.Headers[name] = value;
            }

            if (reply.Body.Length > 0)
            {
                context.Response.ContentType = reply.ContentType;
                await context.Response.WriteAsync(reply.Body, context.RequestAborted);
            }
        });
        await _application.StartAsync();
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }
}
