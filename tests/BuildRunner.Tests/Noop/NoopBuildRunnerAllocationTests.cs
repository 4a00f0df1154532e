namespace BuildRunner.Tests.Noop;

public sealed class NoopBuildRunnerAllocationTests
{
    private const int Calls = 1_000;

    private readonly NoopBuildRunner _runner = new();

    [Fact]
    public void Status_allocates_nothing()
    {
        var buildId = new BuildId("noop-1");

        BytesPerCall(() => _runner.StatusAsync(buildId)).Should().OnlyContain(bytes => bytes == 0);
    }

    [Fact]
    public void Cancel_allocates_nothing()
    {
        var buildId = new BuildId("noop-1");

        BytesPerCall(() => _runner.CancelAsync(buildId)).Should().OnlyContain(bytes => bytes == 0);
    }

    [Fact]
    public void Trigger_allocates_the_text_of_the_id_and_its_task_and_nothing_else()
    {
        var request = new BuildRequest();

        // Measured first: should the methods that both call be compiled anew meanwhile, that makes them cheaper only.
        var most = BytesPerCall(() => Task.FromResult(new BuildId(new string('7', "noop-2000".Length)))).Max();

        BytesPerCall(() => _runner.TriggerAsync(request)).Should().OnlyContain(bytes => bytes > 0 && bytes <= most);
    }

    private static long[] BytesPerCall(Func<Task> call)
    {
        // The first call fills caches.
        _ = call();

        var bytes = new long[Calls];
        for (var i = 0; i < bytes.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = call();
            bytes[i] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return bytes;
    }
}
