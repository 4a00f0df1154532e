namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner on a fake clock. Each of its calls hops threads.</summary>
internal sealed class HoppingHarness : FakeHarness
{
    public override IBuildRunner CreateRunner() => new HoppingRunner(base.CreateRunner());

    private sealed class HoppingRunner(IBuildRunner inner) : ReadingDecorator(inner)
    {
        public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
            HopAsync(() => base.TriggerAsync(request, cancellationToken));

        public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            HopAsync(() => base.StatusAsync(buildId, cancellationToken));

        public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => HopAsync(async () =>
        {
            await base.CancelAsync(buildId, cancellationToken);
            return true;
        });

        // More often than the kit would wait for a call that takes no time.
        private static async Task<T> HopAsync<T>(Func<Task<T>> call)
        {
            for (var hop = 0; hop < 400; hop++)
            {
                await Task.Run(static () => { });
            }

            return await Task.Run(call);
        }
    }
}
