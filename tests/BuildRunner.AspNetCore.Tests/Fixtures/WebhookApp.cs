using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A program with the endpoint, in memory or on a socket. Its clock stands still.</summary>
internal sealed class WebhookApp : IAsyncDisposable
{
    public static readonly TimeSpan Safety = TimeSpan.FromMinutes(2);

    private readonly WebApplication _app;

    private WebhookApp(WebApplication app, IBuildOrchestrator orchestrator, WebhookRunner runner, FakeTimeProvider time, RecordingLogs logs)
    {
        _app = app;
        Orchestrator = orchestrator;
        Runner = runner;
        Time = time;
        Logs = logs;
    }

    /// <summary>Gets what stands for the orchestration.</summary>
    public IBuildOrchestrator Orchestrator { get; }

    public WebhookRunner Runner { get; }

    public FakeTimeProvider Time { get; }

    public RecordingLogs Logs { get; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Gets the builds that were signalled, each with its runner.</summary>
    public IEnumerable<(string Runner, string Build)> Signals => Orchestrator.ReceivedCalls()
        .Where(static call => call.GetMethodInfo().Name == nameof(IBuildOrchestrator.SignalAsync))
        .Select(static call => ((string)call.GetArguments()[0]!, call.GetArguments()[1]!.ToString()!));

    public static async Task<WebhookApp> StartAsync(
        Scheme? scheme = null,
        Action<IServiceCollection>? configure = null,
        Action<IEndpointConventionBuilder>? restrict = null,
        Func<Scheme, WebhookRunner>? create = null,
        FakeTimeProvider? time = null,
        bool isOnSocket = false)
    {
        time ??= new();
        RecordingLogs logs = new();
        scheme ??= Schemes.GitHub(Webhook.KnownSecret);
        var runner = create?.Invoke(scheme) ?? new WebhookRunner(new FakeBuildRunner(), scheme);
        var orchestrator = Substitute.For<IBuildOrchestrator>();
        orchestrator.SignalAsync("", default).ReturnsForAnyArgs(true);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton(orchestrator).AddKeyedSingleton<IBuildRunner>("ci", runner);
        configure?.Invoke(builder.Services);
        if (!isOnSocket)
        {
            builder.WebHost.UseTestServer();
        }

        var app = builder.Build();
        if (isOnSocket)
        {
            app.Urls.Add("http://127.0.0.1:0");
        }

        var endpoint = app.MapBuildWebhooks();
        restrict?.Invoke(endpoint);
        await app.StartAsync();
        return new(app, orchestrator, runner, time, logs);
    }

    /// <summary>Sends a request, and gives the status of the answer, which must say nothing else.</summary>
    public async Task<int> SendAsync(HttpRequestMessage request)
    {
        using var client = _app.GetTestClient();
        using var response = await client.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).Should().BeEmpty("strangers learn nothing");
        return (int)response.StatusCode;
    }

    public Task<int> SendAsync(Webhook webhook, string runner = "ci") => SendAsync(webhook.ToRequest(runner));

    /// <summary>Sends a request as the server has it.</summary>
    public async Task<HttpResponse> SendAsync(
        Stream body,
        long? contentLength,
        string? signature = null,
        CancellationToken cancellationToken = default) =>
        (await _app.GetTestServer().SendAsync(
            context =>
            {
                context.Request.Method = "POST";
                context.Request.Path = "/build-webhooks/ci";
                context.Request.Body = body;
                context.Request.ContentLength = contentLength;
                context.Request.Headers["X-Hub-Signature-256"] = signature;
            },
            cancellationToken)).Response;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Logs.Dispose();
    }
}
