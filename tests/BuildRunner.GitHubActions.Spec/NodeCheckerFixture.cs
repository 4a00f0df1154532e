namespace BuildRunner.GitHubActions.Spec;

/// <summary>One process for the tests of a class.</summary>
public sealed class NodeCheckerFixture : IAsyncDisposable
{
    private readonly Lazy<Task<NodeChecker>> _checker = new(NodeChecker.StartAsync);

    /// <summary>Gets the checker; where it cannot be had, the test is skipped.</summary>
    public Task<NodeChecker> GetAsync() => _checker.Value;

    public async ValueTask DisposeAsync()
    {
        if (_checker is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _checker.Value).DisposeAsync();
        }
    }
}
