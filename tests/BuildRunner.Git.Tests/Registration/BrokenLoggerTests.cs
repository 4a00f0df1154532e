using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Tests.Registration;

/// <summary>A logger of the services that throws is not a fault of a build.</summary>
public sealed class BrokenLoggerTests
{
    private static readonly BuildWaitOptions Impatient = new() { TimeProvider = new ImpatientTimeProvider() };

    [TimedFact]
    public async Task Builds_end_as_they_would_have_one_after_the_other()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var provider = CreateProvider(repository);
        var runner = provider.GetRequiredService<IBuildRunner>();

        var first = await BuildAsync(runner);
        var second = await BuildAsync(runner);

        first.Should().Be(BuildStatus.Succeeded);
        second.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task Disposal_stops_what_runs()
    {
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var never = await Fifo.CreateAsync(repository["never"]);
        var provider = CreateProvider(repository, "sh", "-c", $"echo $$ > {started.Path}; read x < {never.Path}");
        var runner = provider.GetRequiredService<IBuildRunner>();
        var buildId = await runner.TriggerAsync([], []);
        var process = await started.ReadLineAsync();

        await provider.DisposeAsync();

        ProcessTable.IsRunning(process).Should().BeFalse();
        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
    }

    private static async Task<BuildStatus> BuildAsync(IBuildRunner runner) =>
        (await runner.WaitForCompletionAsync(await runner.TriggerAsync([], []), Impatient, TestContext.Current.CancellationToken)).Status;

    private static ServiceProvider CreateProvider(TestRepository repository, params string[] command) => new ServiceCollection()
        .AddSingleton<ILoggerFactory, BrokenLoggers>()
        .AddGitBuildRunner(options =>
        {
            options.Repository = repository.Path;
            options.TargetBranch = TestRepository.Main;
            options.Command = command is [] ? ["true"] : command;
            options.StateDirectory = repository["state"];
        })
        .BuildServiceProvider();

    private sealed class BrokenLoggers : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("broken");

        public void Dispose()
        {
        }
    }
}
