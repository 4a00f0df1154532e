using BuildRunner.Http.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Buildbot.Tests;

/// <summary>H1 in a host that has every HTTP client of its own repeat what fails, as the template of Aspire does.</summary>
public sealed class HostTests
{
    private const string Create = "/api/v2/forceschedulers/force";

    [Fact(Timeout = 120_000)]
    public async Task A_create_that_fails_is_sent_once_in_a_host_whose_clients_all_repeat()
    {
        await using RawServer server = new(Answer);
        using var host = await StartAsync(server);

        var act = () => host.Services.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);

        await act.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>();
        CreatesAt(server).Should().Be(1);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_runner_that_took_its_handler_from_that_host_would_send_it_again()
    {
        await using RawServer server = new(Answer);
        IServiceProvider? services = null;
        using var host = await StartAsync(
            server, options => options.CreateHandler = () => services!.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler());
        services = host.Services;

        var act = () => host.Services.GetRequiredService<IBuildRunner>().TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<BuildRunnerException>();
        CreatesAt(server).Should().BeGreaterThan(1, "this is what the rule is there for");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_plain_client_of_that_host_does_repeat()
    {
        await using RawServer server = new(Answer);
        using var host = await StartAsync(server);
        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        using var reply = await client.PostAsync(new Uri(server.Address, Create), new StringContent("{}"), TestContext.Current.CancellationToken);

        CreatesAt(server).Should().BeGreaterThan(1);
    }

    private static async Task<IHost> StartAsync(RawServer server, Action<BuildbotBuildRunnerOptions>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddHttpClient();
        builder.Services.ConfigureHttpClientDefaults(static clients =>
            clients.AddStandardResilienceHandler(static options => options.Retry.Delay = TimeSpan.FromMilliseconds(1)));
        builder.Services.AddBuildbotRunner(options =>
        {
            options.Url = server.Address;
            options.Builder = "verify";
            configure?.Invoke(options);
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    private static int CreatesAt(RawServer server) => server.Requests.Count(static request => request is { Method: "POST", Path: Create });

    private static RawReply Answer(RawRequest request) => request.Path switch
    {
        var path when path.StartsWith("/api/v2/builders", StringComparison.Ordinal) => new(200, BuildbotAnswers.Builders),
        "/api/v2/forceschedulers" => new(200, BuildbotAnswers.Scheduler),
        _ => new(503, "<html>busy</html>", "text/html"),
    };
}
