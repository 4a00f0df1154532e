namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A repository on a server, and the clone of it that a user has, made before the server's went on.</summary>
internal sealed class RemoteFixture : IAsyncDisposable
{
    private RemoteFixture(TestRepository origin, TestRepository clone)
    {
        Origin = origin;
        Clone = clone;
        Server = new GitHttpServer(origin);
    }

    public TestRepository Origin { get; }

    public TestRepository Clone { get; }

    public GitHttpServer Server { get; }

    public static async Task<RemoteFixture> CreateAsync(params string[] cloneArguments)
    {
        var origin = await TestRepository.CreateAsync();
        return new RemoteFixture(origin, await TestRepository.CloneAsync(origin, cloneArguments));
    }

    /// <summary>Makes a runner on the clone, with the server as its remote.</summary>
    public TestRunner CreateRunner(Action<GitBuildRunnerOptions>? configure = null, TimeProvider? timeProvider = null) => new(
        Clone,
        options =>
        {
            options.Remote = Server.Address;
            options.Command = ["sh", "-c", "ls"];
            configure?.Invoke(options);
        },
        timeProvider);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Clone.Dispose();
        Origin.Dispose();
    }
}
