using System.Diagnostics;
using System.Net;
using BuildRunner.Orchestration;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Buildbot.Tests;

/// <summary>A real master that lets nobody read or build who is not logged in.</summary>
[Slow]
public sealed class LoginTests
{
    private const string UserName = MasterLogin.UserName;
    private const string Password = MasterLogin.Password;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_wrong_password_is_a_faulty_setup_and_nothing_is_created()
    {
        await using var server = await StartAsync();
        await using var provider = Provide(server.Url, static () => "s3cret-but-wr0ng");
        var runner = provider.GetRequiredService<IBuildRunner>();

        var trigger = () => runner.TriggerAsync(new BuildRequest(), TestContext.Current.CancellationToken);
        var status = () => runner.StatusAsync(new BuildId("1"), TestContext.Current.CancellationToken);
        var cancel = () => runner.CancelAsync(new BuildId("1"), TestContext.Current.CancellationToken);

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.ToString().Should().NotContain("s3cret");
        await status.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await cancel.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        (await server.CountBuildRequestsAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Builds_wait_for_a_password_that_is_mended_and_go_on()
    {
        await using var server = await StartAsync();
        var password = "s3cret-but-wr0ng";
        using var host = CreateHost(server, () => password);
        await host.StartAsync(TestContext.Current.CancellationToken);
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        List<Guid> ids = [];
        foreach (var work in new[] { "Succeeds", "Fails", "Succeeds" })
        {
            BuildSubmission submission = new()
            {
                Key = $"{ids.Count}",
                OwnerId = "owner",
                Runner = "ci",
                Request = new BuildRequest { Head = [new Change($"test:{work}/{ids.Count}")] },
                Timeout = TimeSpan.FromDays(1),
            };
            ids.Add((await builds.SubmitAsync(submission, TestContext.Current.CancellationToken)).Id);
        }

        var waiting = await UntilAsync(builds, ids, static build => build.Note is not null);
        var ill = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        var created = await server.CountBuildRequestsAsync();
        password = Password;
        var ended = await UntilAsync(builds, ids, static build => build.Status.IsTerminal());
        var well = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        await host.StopAsync(TestContext.Current.CancellationToken);

        waiting.Should().OnlyContain(static build => !build.Status.IsTerminal());
        ill.Status.Should().Be(HealthStatus.Degraded);
        created.Should().Be(0);
        ended.Select(static build => build.Status).Should().Equal(BuildStatus.Succeeded, BuildStatus.Failed, BuildStatus.Succeeded);
        well.Status.Should().Be(HealthStatus.Healthy);
        (await server.CountBuildRequestsAsync()).Should().Be(3);
    }

    [Fact]
    public async Task A_session_that_has_expired_is_renewed_once_for_all_calls_that_it_refuses()
    {
        const int Calls = 6;
        await using var server = await StartAsync($"""
            from datetime import timedelta
            c["www"]["cookie_expiration_time"] = timedelta(seconds=10)
            """);
        var logins = 0;
        await using LossyTcpProxy proxy = new(new IPEndPoint(IPAddress.Loopback, server.Port), head =>
        {
            if (head.StartsWith("GET /auth/login ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref logins);
            }

            return ProxyFate.Pass;
        });
        await using var provider = Provide(new Uri($"http://{proxy.EndPoint}/"), static () => Password);
        var runner = provider.GetRequiredService<IBuildRunner>();
        await runner.TriggerAsync(Request(), TestContext.Current.CancellationToken);
        await UntilExpiredAsync(server);
        await server.KillMasterAsync();
        await server.ConfigureAsync("""c["www"]["cookie_expiration_time"] = timedelta(days=1)""");
        await server.StartMasterAsync();
        var before = logins;

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => runner.TriggerAsync(Request(), TestContext.Current.CancellationToken)));

        before.Should().BePositive();
        logins.Should().Be(before + 1);
        (await server.CountBuildRequestsAsync()).Should().Be(1 + Calls);
    }

    private static Task<BuildbotServer> StartAsync(string more = "") => BuildbotServer.StartAsync($"{MasterLogin.Configuration}\n{more}", (UserName, Password));

    private static BuildRequest Request() => new() { Head = [new Change($"test:Succeeds/{Guid.NewGuid():N}")] };

    private static void Configure(BuildbotBuildRunnerOptions options, Uri url, Func<string> password)
    {
        options.Url = url;
        options.Builder = "verify";
        options.UserName = UserName;
        options.Password = _ => new(password());
    }

    private static ServiceProvider Provide(Uri url, Func<string> password) =>
        new ServiceCollection().AddBuildbotBuildRunner(options => Configure(options, url, password)).BuildServiceProvider();

    private static IHost CreateHost(BuildbotServer server, Func<string> password)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKeyedBuildbotBuildRunner("ci", options => Configure(options, server.Url, password));
        builder.Services.AddQueue().UseInMemory();
        builder.Services.AddBuildOrchestration().AddRunner("ci").IgnoreChanges();
        builder.Services.AddLogging();
        builder.Services.AddHealthChecks().AddBuildOrchestration();
        return builder.Build();
    }

    private static async Task<IReadOnlyList<Build>> UntilAsync(IBuildOrchestrator builds, IEnumerable<Guid> ids, Func<Build, bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            List<Build> read = [];
            foreach (var id in ids)
            {
                read.Add((await builds.GetAsync(id, TestContext.Current.CancellationToken))!);
            }

            if (read.TrueForAll(holds.Invoke))
            {
                return read;
            }

            Assert.True(clock.Elapsed < Patience, $"It does not come to that: {string.Join(", ", read)}.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a session is refused that is younger than those that there are.</summary>
    private static async Task UntilExpiredAsync(BuildbotServer server)
    {
        using HttpClient client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using HttpRequestMessage login = new(HttpMethod.Get, new Uri(server.Url, "auth/login"));
        login.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{UserName}:{Password}")));
        using var session = await client.SendAsync(login, TestContext.Current.CancellationToken);
        var cookie = session.Headers.GetValues("Set-Cookie").Last().Split(';')[0];
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Url, "api/v2/builders"));
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.StatusCode == HttpStatusCode.Forbidden)
            {
                return;
            }

            Assert.True(clock.Elapsed < Patience, "The session does not expire.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
