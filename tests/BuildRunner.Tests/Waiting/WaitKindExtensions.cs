namespace BuildRunner.Tests.Waiting;

internal static class WaitKindExtensions
{
    /// <summary>Waits for the scripted build to its end.</summary>
    public static async Task RunAsync(this WaitKind kind, IBuildRunner runner, BuildWaitOptions options, CancellationToken token = default)
    {
        switch (kind)
        {
            case WaitKind.Completion:
                await runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, options, token);
                break;
            case WaitKind.Watch:
                await runner.WatchAsync(ScriptedBuildRunner.Build, options, token).CountAsync(CancellationToken.None);
                break;
            case WaitKind.WatchWithCancellation:
                await foreach (var _ in runner.WatchAsync(ScriptedBuildRunner.Build, options, CancellationToken.None).WithCancellation(token))
                {
                    // Only the end counts.
                }

                break;
            default:
                throw new NotSupportedException($"There is no way to wait by {kind}.");
        }
    }
}
