namespace BuildRunner.Git.Tests.Changes;

[Slow]
public sealed class ChangeResolverTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private string _tip = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _tip = await _repository.TipAsync();
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_uri_of_another_scheme_is_what_the_resolver_makes_of_it()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await using var runner = CreateRunner(uri => ChangeOf(uri.Split('/')[^1]));

        var build = await runner.FinishAsync(await runner.Runner.TriggerAsync([], [new Change($"github://github.com/org/repo/pull/12/{head}")]));

        build.Lines.Should().Equal("head.txt", "target.txt");
    }

    [TimedFact]
    public async Task It_is_asked_in_order_for_what_is_of_another_scheme_alone()
    {
        List<string> asked = [];
        await using var runner = CreateRunner(uri =>
        {
            asked.Add(uri);
            return ChangeOf(_tip);
        });

        await runner.Runner.TriggerAsync([new Change("a:1"), ChangeOf(_tip)], [new Change(["a:2", ChangeOf(_tip).Uris[0], "a:1"])]);

        asked.Should().Equal("a:1", "a:2", "a:1");
    }

    [TimedFact]
    public async Task One_uri_can_be_several_commits()
    {
        var first = await _repository.CommitAsync("first", ("first.txt", ""));
        var second = await _repository.CommitAsync("second", ("second.txt", ""));
        await using var runner = CreateRunner(_ => new Change([ChangeOf(first).Uris[0], ChangeOf(second).Uris[0]]));

        var build = await runner.FinishAsync(await runner.Runner.TriggerAsync([], [new Change("stack:1")]));

        build.Lines.Should().Equal("first.txt", "second.txt", "target.txt");
    }

    [TimedTheory]
    [InlineData("git://elsewhere/repository/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/other/refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/+refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/%2Brefs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/-refs%2Fheads%2Fmain/{tip}")]
    [InlineData("git://localhost/repository/%2D-upload-pack%3Dx/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain~1/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain%7E1/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain%40%7B0%7D/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%2E%2Eb/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%3Ab/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%2A/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%0Ab/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fa%00b/{tip}")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}~1")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/{tip}%7E1")]
    [InlineData("git://localhost/repository/refs%2Fheads%2Fmain/--all")]
    [InlineData("github://github.com/org/repo/pull/12/{tip}")]
    public async Task What_it_makes_is_checked_like_what_is_requested(string template)
    {
        Change hostile = new(template.Replace("{tip}", _tip, StringComparison.Ordinal));
        await using var runner = CreateRunner(_ => hostile);

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task A_commit_that_is_not_there_is_rejected()
    {
        await using var runner = CreateRunner(static _ => ChangeOf(new string('1', 40)));

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task A_uri_of_which_it_makes_nothing_is_rejected()
    {
        await using var runner = CreateRunner(static _ => null);

        await ShouldBeRejectedAsync(runner, isTransient: false);
    }

    [TimedFact]
    public async Task A_uri_of_the_scheme_git_is_never_its()
    {
        await using var runner = CreateRunner(_ => ChangeOf(_tip));

        foreach (var uri in new[] { $"GIT://localhost/repository/refs%2Fheads%2Fmain/{_tip}", "git:12", $"git://elsewhere/repository/refs%2Fheads%2Fmain/{_tip}" })
        {
            var trigger = () => runner.Runner.TriggerAsync([], [new Change(uri)]);

            await trigger.Should().ThrowExactlyAsync<BuildRunnerException>();
        }
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new InvalidOperationException(), false },
        { new TaskCanceledException(), true },
        { new BuildRunnerException(), false },
        { new BuildRunnerException { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(7) }, true },
        { new TriggerOutcomeUnknownException(), false },
        { new BuildNotFoundException(new BuildId("x")), false },
    };

    [TimedTheory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task An_exception_from_it_rejects_the_request(Exception failure, bool isTransient)
    {
        await using var runner = CreateRunner(_ => throw failure);

        var exception = await ShouldBeRejectedAsync(runner, isTransient);

        exception.InnerException.Should().BeSameAs(failure);
        exception.RetryAfter.Should().Be((failure as BuildRunnerException)?.RetryAfter);
    }

    [TimedFact]
    public async Task A_trigger_that_is_abandoned_does_not_wait_for_it()
    {
        using CancellationTokenSource abandon = new();
        await using var runner = new TestRunner(_repository, options => options.ChangeResolver = async (_, cancellationToken) =>
        {
            await abandon.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return null;
        });
        BuildRequest request = new() { Head = [new Change("a:1")] };

        var trigger = () => runner.Runner.TriggerAsync(request, abandon.Token);

        (await trigger.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(abandon.Token);
    }

    [TimedFact]
    public async Task One_that_is_not_set_up_correctly_does_not_put_it_on_the_request()
    {
        await using var runner = CreateRunner(static _ => throw new BuildRunnerConfigurationException());

        var trigger = () => runner.Runner.TriggerAsync([], [new Change("a:1")]);

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    private static Change ChangeOf(string commitId) => TestRunner.ChangeOf(commitId);

    private TestRunner CreateRunner(Func<string, Change?> resolve) => new(_repository, options =>
    {
        options.Command = ["sh", "-c", $"echo run >> {_repository["runs"]}; ls"];
        options.ChangeResolver = (uri, _) => ValueTask.FromResult(resolve(uri));
    });

    private async Task<BuildRunnerException> ShouldBeRejectedAsync(TestRunner runner, bool isTransient)
    {
        var trigger = () => runner.Runner.TriggerAsync([], [new Change("a:1")]);

        var exception = (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        exception.IsTransient.Should().Be(isTransient);

        // Builds run one after the other: had there been one, its command would have run before this one's.
        await runner.BuildAsync();
        (await File.ReadAllLinesAsync(_repository["runs"])).Should().ContainSingle();
        return exception;
    }
}
