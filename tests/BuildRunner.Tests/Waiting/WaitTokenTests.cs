namespace BuildRunner.Tests.Waiting;

/// <summary>A call has the token of the caller and no other, so that a mock which was told of it recognises the call.</summary>
public sealed class WaitTokenTests : IDisposable
{
    private static readonly BuildId Build = new("7");
    private static readonly BuildSnapshot Succeeded = new() { Status = BuildStatus.Succeeded };

    private readonly RecordingTimeProvider _clock = new();
    private readonly CancellationTokenSource _caller = new();
    private readonly IBuildRunner _runner = Substitute.For<IBuildRunner>();

    public static TheoryData<WaitKind, bool> Waits => new MatrixTheoryData<WaitKind, bool>(Enum.GetValues<WaitKind>(), [true, false]);

    public void Dispose() => _caller.Dispose();

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_substitute_that_was_told_of_no_token_answers(WaitKind kind, bool deadline)
    {
        _runner.StatusAsync(Build).Returns(Succeeded);

        await kind.RunAsync(_runner, Options(deadline), CancellationToken.None);

        await _runner.Received(1).StatusAsync(Build);
    }

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_substitute_that_was_told_of_the_callers_token_answers(WaitKind kind, bool deadline)
    {
        _runner.StatusAsync(Build, _caller.Token).Returns(Succeeded);

        await kind.RunAsync(_runner, Options(deadline), _caller.Token);

        await _runner.Received(1).StatusAsync(Build, _caller.Token);
    }

    private BuildWaitOptions Options(bool deadline) => new() { TimeProvider = _clock, Timeout = deadline ? TimeSpan.FromHours(1) : null };
}
