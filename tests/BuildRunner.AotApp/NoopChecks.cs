namespace BuildRunner.AotApp;

internal static class NoopChecks
{
    public static async Task RunAsync(Checks checks)
    {
        var runner = new NoopBuildRunner();
        var request = new BuildRequest { Head = [new Change("github://github.com/org/repo/pull/12/0a1b2c")], TriggerKey = "key" };

        var first = await runner.TriggerAsync(request);
        var second = await runner.TriggerAsync(request.Base, request.Head, [new("queue", "main")]);
        var snapshot = await runner.StatusAsync(first);
        await runner.CancelAsync(second);

        checks.Equal("the first id", new BuildId("noop-1"), first);
        checks.Equal("the second id", new BuildId("noop-2"), second);
        checks.Equal("the status", BuildStatus.Succeeded, snapshot.Status);
        checks.Equal("the status is terminal", true, snapshot.Status.IsTerminal());
        checks.Equal("the metadata", BuildMetadata.Empty, snapshot.Metadata);
        checks.Throws<ArgumentNullException>("no request", () => _ = runner.TriggerAsync(null!));
        checks.Throws<ArgumentException>("the status of no build", () => _ = runner.StatusAsync(default));
        checks.Throws<ArgumentException>("the end of no build", () => _ = runner.CancelAsync(default));

        CheckAllocations(checks, runner, request);
    }

    private static void CheckAllocations(Checks checks, NoopBuildRunner runner, BuildRequest request)
    {
        var buildId = runner.TriggerAsync(request).Result;
        var @string = Allocated(() => new string('0', buildId.Value.Length));
        var task = Allocated(() => Task.FromResult(buildId));

        checks.Equal("what a trigger allocates: the string of the id and the task", @string + task, Allocated(() => runner.TriggerAsync(request)));
        checks.Equal("what a status allocates", 0, Allocated(() => runner.StatusAsync(buildId)));
        checks.Equal("what a cancel allocates", 0, Allocated(() => runner.CancelAsync(buildId)));
    }

    private static long Allocated(Func<object> act)
    {
        _ = act();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var made = act();
        var after = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(made);
        return after - before;
    }
}
