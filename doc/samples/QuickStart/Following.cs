using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using BuildRunner;
using BuildRunner.Orchestration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace QuickStart;

/// <summary>Has builds followed to their end, by this process or by the next one that asks for the same: they are in a database in the state directory.</summary>
internal sealed class Following : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    // Beside the time that the command may take: how long the build may wait for others on this machine.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(7);

    private readonly IHost _host;
    private readonly IBuildOrchestrator _builds;
    private readonly string _state;
    private readonly string _runner;
    private readonly TimeSpan _limit;
    private FileStream? _lock;

    private Following(IHost host, RunnerChoice choice, string runner)
    {
        _host = host;
        _builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        _state = choice.State;
        _limit = choice.Limit + Patience;
        _runner = runner;
        Logs = host.Services.GetRequiredKeyedService<IBuildRunner>(runner).As<IBuildLogSource>();
    }

    public IBuildLogSource? Logs { get; }

    /// <summary>Starts to follow the builds of a state directory that are done in one way.</summary>
    /// <param name="choice">The way.</param>
    /// <param name="trouble">Receives warnings.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    public static async Task<Following> StartAsync(RunnerChoice choice, Trouble trouble, CancellationToken cancellationToken)
    {
        var runner = $"{choice.Kind}-{HashOf(choice.Way)}";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(trouble);
        choice.Register(builder.Services, runner);
        builder.Services.AddBuildOrchestration()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = Path.Combine(choice.State, "builds.db") }.ConnectionString)
            .AddRunner(runner)
            .IgnoreChanges();
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new Following(host, choice, runner);
        }
        catch (InvalidOperationException exception)
        {
            // The database is that of a newer version.
            host.Dispose();
            throw new RejectedException(exception.Message);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Follows the build that a process which was killed has left, or a new one.</summary>
    public async Task<Build> BeginAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        var owner = $"{_runner}/{HashOf(request)}";
        foreach (var build in (await _builds.ListAsync(new BuildQuery { OwnerId = owner, HasEnded = false }, cancellationToken)).Builds)
        {
            if (TryLock(build.Key))
            {
                return build;
            }
        }

        var key = Guid.NewGuid().ToString();
        _ = TryLock(key);
        return await _builds.SubmitAsync(new BuildSubmission { Key = key, OwnerId = owner, Runner = _runner, Request = request, Timeout = _limit }, cancellationToken);
    }

    /// <summary>Gives the build as it is, and again at each change, until it has ended.</summary>
    public async IAsyncEnumerable<Build> WatchAsync(Guid id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Tick);
        Build? last = null;
        while (last?.Status.IsTerminal() != true)
        {
            var build = await _builds.GetAsync(id, cancellationToken) ?? throw new RejectedException($"The build {id} is not there any more.");
            if (build.Version != last?.Version)
            {
                yield return build;
            }

            last = build;
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    public Task CancelAsync(Guid id) => _builds.CancelAsync(id);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        _lock?.Dispose();
    }

    private static string HashOf<T>(T value) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(value)))[..16];

    // A killed process loses its lock, so only a build without a process is taken over.
    private bool TryLock(string key)
    {
        try
        {
            _lock = new FileStream(Path.Combine(_state, $"{key}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
