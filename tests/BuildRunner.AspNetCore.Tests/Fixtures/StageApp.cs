using BuildRunner.Queue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A program with the endpoint and the orchestration, or with one of them.</summary>
internal sealed class StageApp : IAsyncDisposable
{
    private static readonly Change Change = new("git://git.example.org/shop/refs%2Fheads%2Ffix/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10");

    private readonly WebApplication _app;

    private StageApp(WebApplication app) => _app = app;

    public IBuildOrchestrator Orchestrator => _app.Services.GetRequiredService<IBuildOrchestrator>();

    public EndObserver Observer => _app.Services.GetRequiredService<EndObserver>();

    public static async Task<StageApp> StartAsync(
        IBuildRunner runner,
        TimeProvider time,
        Action<QueueBuilder> use,
        TimeSpan pollDelay,
        bool polls = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddSingleton(time).AddSingleton<EndObserver>().AddKeyedSingleton("ci", runner);
        use(builder.Services.AddQueue());
        var stage = builder.Services.AddBuildOrchestration();
        if (polls)
        {
            stage.AddObserver<EndObserver>().AddRunner("ci", Configure);
        }
        else
        {
            stage.AddRemoteRunner("ci", Configure);
        }

        var app = builder.Build();
        app.MapBuildWebhooks();
        await app.StartAsync();
        return new(app);

        void Configure(BuildRunnerOptions options)
        {
            options.AcceptedPollDelay = options.RunningPollDelay = pollDelay;

            // It goes by the clock of the machine.
            options.CallsPerSecond = null;
        }
    }

    public Task<Build> SubmitAsync() => Orchestrator.SubmitAsync(new BuildSubmission
    {
        Key = "build-1",
        OwnerId = "queue-1",
        Runner = "ci",
        Request = new BuildRequest { Head = [Change] },
        Timeout = TimeSpan.FromDays(1),
    });

    public async Task<int> SendAsync(Webhook webhook)
    {
        using var client = _app.GetTestClient();
        using var response = await client.SendAsync(webhook.ToRequest());
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
