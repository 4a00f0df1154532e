namespace BuildRunner.Queue.Tests.Galera;

/// <summary>Waits for what a cluster does by itself.</summary>
internal static class Until
{
    public static async Task DoneAsync(Func<Task<bool>> isDone)
    {
        while (!await isDone())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
