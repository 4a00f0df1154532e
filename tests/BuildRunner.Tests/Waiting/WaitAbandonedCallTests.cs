using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Tests.Waiting;

public sealed class WaitAbandonedCallTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_an_abandoned_call_throws_later_is_observed(bool byDeadline)
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
            var thread = new Thread(() => Abandon(late, byDeadline));
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

    private static void Abandon(Exception late, bool byDeadline)
    {
        using var caller = new CancellationTokenSource();
        var clock = new FakeTimeProvider();
        var options = new BuildWaitOptions { Timeout = TimeSpan.FromSeconds(1), TimeProvider = clock };
        var call = new TaskCompletionSource<BuildSnapshot>();
        var wait = new ScriptedBuildRunner(_ => call.Task).WaitForCompletionAsync(ScriptedBuildRunner.Build, options, caller.Token);

        if (byDeadline)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        else
        {
            caller.Cancel();
        }

        wait.ContinueWith(_ => { }, TaskScheduler.Default).Wait(TestContext.Current.CancellationToken);
        call.SetException(late);
    }
}
