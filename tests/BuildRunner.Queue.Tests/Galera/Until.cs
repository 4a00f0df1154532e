namespace BuildRunner.Queue.Tests.Galera;

/// <summary>Waits for what a cluster does by itself.</summary>
internal static class Until
{
    public static async Task DoneAsync(Func<Task<bool>> isDone)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await isDone())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
