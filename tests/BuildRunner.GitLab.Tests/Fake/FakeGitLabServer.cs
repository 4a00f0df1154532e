using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>A fake behind real sockets, on the loopback address.</summary>
internal sealed class FakeGitLabServer(FakeGitLab gitlab) : IAsyncDisposable
{
    private readonly WebApplication _application = Create();

    public FakeGitLab GitLab => gitlab;

    public Uri Address => new($"{_application.Urls.Single()}/");

    public async Task StartAsync()
    {
        _application.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            var headers = context.Request.Headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(),
                StringComparer.OrdinalIgnoreCase);

            // As it was sent: an escaped slash belongs to the path of a project.
            Uri address = new($"{context.Request.Scheme}://{context.Request.Host}{context.Features.Get<IHttpRequestFeature>()!.RawTarget}");
            var reply = gitlab.Handle(new FakeRequest(context.Request.Method, address, headers,
                await reader.ReadToEndAsync(context.RequestAborted)));
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
