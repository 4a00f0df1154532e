namespace BuildRunner.Tests.Waiting;

public sealed class WaitAbandonedCallTests
{
    [Fact]
    public void What_an_abandoned_call_throws_later_is_observed()
    {
        var unobserved = new List<Exception>();
        void Collect(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved)
            {
                unobserved.AddRange(args.Exception.InnerExceptions);
            }
        }

        var late = new HttpRequestException();
        TaskScheduler.UnobservedTaskException += Collect;
        try
        {
            // On a thread of its own, so that no frame holds the call when it has ended.
            var thread = new Thread(() => Abandon(late));
            thread.Start();
            thread.Join();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Collect;
        }

        lock (unobserved)
        {
            unobserved.Should().NotContain(late);
        }
    }

    private static void Abandon(Exception late)
    {
        using var caller = new CancellationTokenSource();
        var call = new TaskCompletionSource<BuildSnapshot>();
        var wait = new ScriptedBuildRunner(_ => call.Task).WaitForCompletionAsync(ScriptedBuildRunner.Build, cancellationToken: caller.Token);

        caller.Cancel();
        wait.ContinueWith(_ => { }, TaskScheduler.Default).Wait(TestContext.Current.CancellationToken);
        call.SetException(late);
    }
}
