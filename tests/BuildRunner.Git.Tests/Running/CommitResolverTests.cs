using System.Collections.Frozen;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Running;

[Slow]
public sealed class CommitResolverTests : IDisposable
{
    private readonly List<(IReadOnlyList<string> CommitIds, TaskCompletionSource<ResolvedCommits> Answer, CancellationToken CancellationToken)> _asked = [];
    private readonly SemaphoreSlim _asks = new(0);
    private readonly CommitResolver _resolver;

    public CommitResolverTests() => _resolver = new((commitIds, cancellationToken) =>
    {
        // What waits for it goes on at once, on the thread that cancels.
        TaskCompletionSource<ResolvedCommits> answer = new();
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        _asked.Add((commitIds, answer, cancellationToken));
        _asks.Release();
        return answer.Task;
    });

    public void Dispose() => _asks.Dispose();

    [TimedFact]
    public async Task What_nobody_waits_for_any_more_holds_up_nobody_else()
    {
        using CancellationTokenSource abandon = new();
        var abandoned = _resolver.ResolveAsync(["a"], abandon.Token);
        await WaitForAskAsync();
        var next = _resolver.ResolveAsync(["b"], TestContext.Current.CancellationToken);

        await abandon.CancelAsync();

        (await abandoned.Awaiting(static task => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(abandon.Token);
        await WaitForAskAsync();
        Answer(1, "target");
        (await next).Target.Should().Be("target");
    }

    [TimedFact]
    public async Task Who_leaves_does_not_end_what_others_wait_for()
    {
        using CancellationTokenSource abandon = new();
        var first = _resolver.ResolveAsync(["a"], TestContext.Current.CancellationToken);
        await WaitForAskAsync();
        var leaving = _resolver.ResolveAsync(["b"], abandon.Token);
        var staying = _resolver.ResolveAsync(["c"], TestContext.Current.CancellationToken);
        Answer(0, "first");
        await first;
        await WaitForAskAsync();

        await abandon.CancelAsync();

        await leaving.Awaiting(static task => task).Should().ThrowAsync<OperationCanceledException>();
        _asked[1].CommitIds.Should().BeEquivalentTo("b", "c");
        _asked[1].CancellationToken.IsCancellationRequested.Should().BeFalse();
        Answer(1, "second");
        (await staying).Target.Should().Be("second");
    }

    private Task WaitForAskAsync() => _asks.WaitAsync(TestContext.Current.CancellationToken);

    private void Answer(int ask, string target) => _asked[ask].Answer.SetResult(new(target, FrozenSet<string>.Empty));
}
