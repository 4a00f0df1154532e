using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Fakes;

/// <summary>A fake behind real sockets, on the loopback address.</summary>
internal sealed class FakeServer<TService>(TService service, string path = "/") : IAsyncDisposable
    where TService : FakeService
{
    private readonly WebApplication _application = Create();

    public TService Service => service;

    public Uri Address => new(_application.Urls.Single() + path);

    public async Task StartAsync()
    {
        _application.Run(AnswerAsync);
        await _application.StartAsync();
        service.ServeAt(Address);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using StreamReader reader = new(context.Request.Body);
        var headers = context.Request.Headers.ToDictionary(
            static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

        // As it was sent: a name may have an escaped slash in it.
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        Uri address = new($"{context.Request.Scheme}://{context.Request.Host}{target}");
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var reply = service.Handle(new FakeRequest(context.Request.Method, address, headers, body));
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
    }
}
