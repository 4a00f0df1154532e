namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>Runs everything on the thread of who asks, so that what a test has done is done when it goes on.</summary>
internal sealed class InlineScheduler : TaskScheduler
{
    protected override void QueueTask(Task task) => TryExecuteTask(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
