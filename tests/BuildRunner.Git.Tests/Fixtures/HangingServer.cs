namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A server that takes requests and answers none.</summary>
internal sealed class HangingServer
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that completes when there is a request.</summary>
    public Task Asked => _asked.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Gets a task that completes when the client has gone.</summary>
    public Task Left => _left.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Keeps a client waiting until it goes.</summary>
    public async Task HoldAsync(Stream client, CancellationToken stopToken)
    {
        _asked.TrySetResult();
        try
        {
            while (await client.ReadAsync(new byte[1], stopToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Gone without a word.
        }

        _left.TrySetResult();
    }
}
