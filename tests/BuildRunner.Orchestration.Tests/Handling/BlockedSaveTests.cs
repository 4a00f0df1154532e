using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A host ends when its time to shut down is over, also where the driver of the database blocks.</summary>
public sealed class BlockedSaveTests : IAsyncDisposable
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);

    private readonly HandlerFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_save_that_blocks_its_thread_does_not_hold_up_a_host_that_must_end()
    {
        using ManualResetEventSlim released = new();
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocks = false;
        _fixture.BeforeSave = _ =>
        {
            if (!blocks)
            {
                throw new IOException("The database is away.");
            }

            blocked.TrySetResult();
            released.Wait(2 * Safety);
            return Task.CompletedTask;
        };
        var saving = _fixture.Services.GetRequiredService<TriggerAnswers>().SaveAsync(_fixture.Answer(HandlerFixture.RemoteId));
        await _fixture.Time.RunUntilAsync(saving, TimeSpan.FromSeconds(5));
        blocks = true;
        using CancellationTokenSource end = new();

        var stopped = Task.Run(() => ActivatorUtilities.CreateInstance<OrchestrationHostedService>(_fixture.Services).StoppedAsync(end.Token));
        await blocked.Task.WaitAsync(Safety);
        await end.CancelAsync();

        await stopped.Awaiting(task => task.WaitAsync(Safety)).Should().NotThrowAsync();
        released.Set();
        await saving.Invoking(task => task).Should().ThrowAsync<IOException>();
    }
}
