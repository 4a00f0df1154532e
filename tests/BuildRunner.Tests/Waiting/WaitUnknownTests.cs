using FakeItEasy;

namespace BuildRunner.Tests.Waiting;

/// <summary>An unknown status is waited out, however often it comes; a snapshot that nobody gave a status is a mock that was told nothing.</summary>
public sealed class WaitUnknownTests
{
    private const int ManyTimes = 500;

    private readonly RecordingTimeProvider _clock = new();

    public static TheoryData<WaitKind> Kinds => [.. Enum.GetValues<WaitKind>()];

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_unknown_status_is_waited_out(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner([.. Enumerable.Repeat(Answer.Of(BuildStatus.Unknown), ManyTimes), Answer.Succeeded]);
        var wait = kind.RunAsync(runner, Options);
        await _clock.PassDelaysAsync(ManyTimes, wait);

        await wait;

        runner.Asked.Should().Be(ManyTimes + 1);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Kinds))]
    public async Task A_fake_that_was_told_nothing_is_not_waited_for(WaitKind kind)
    {
        var runner = A.Fake<IBuildRunner>();

        Func<Task> act = () => kind.RunAsync(runner, Options).WaitAsync(TestContext.Current.CancellationToken);

        await act.Should().ThrowAsync<InvalidOperationException>();
        (await runner.StatusAsync(ScriptedBuildRunner.Build)).Should().NotBeNull("it gives a snapshot, which has no status");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_fake_that_was_told_of_no_token_answers(WaitKind kind)
    {
        var runner = A.Fake<IBuildRunner>();
        A.CallTo(() => runner.StatusAsync(ScriptedBuildRunner.Build, CancellationToken.None)).Returns(new BuildSnapshot { Status = BuildStatus.Succeeded });

        Func<Task> act = () => kind.RunAsync(runner, Options);

        await act.Should().NotThrowAsync();
    }
}
