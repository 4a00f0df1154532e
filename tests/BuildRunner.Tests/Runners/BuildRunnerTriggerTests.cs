namespace BuildRunner.Tests.Runners;

public sealed class BuildRunnerTriggerTests
{
    private static readonly Change Base = new("git://host/repo/refs%2Fheads%2Fa/1");
    private static readonly Change Head = new("git://host/repo/refs%2Fheads%2Fb/2");

    private readonly IBuildRunner _runner = Substitute.For<IBuildRunner>();

    [Fact]
    public async Task The_arguments_make_the_request()
    {
        using var cancellation = new CancellationTokenSource();
        var request = new BuildRequest { Base = [Base], Head = [Head, Base], Metadata = [new("queue", "main")] };
        _runner.TriggerAsync(request, cancellation.Token).Returns(new BuildId("7"));

        var buildId = await _runner.TriggerAsync([Base], [Head, Base], [new("queue", "main")], cancellation.Token);

        buildId.Should().Be(new BuildId("7"));
    }

    [Fact]
    public async Task The_call_is_made_once_and_without_a_key()
    {
        await _runner.TriggerAsync([Base], [Head]);

        var call = _runner.ReceivedCalls().Should().ContainSingle().Subject;
        call.GetArguments().Should().Equal(new BuildRequest { Base = [Base], Head = [Head] }, CancellationToken.None);
    }

    [Fact]
    public async Task Null_is_empty()
    {
        _runner.TriggerAsync(new BuildRequest()).Returns(new BuildId("7"));

        var buildId = await _runner.TriggerAsync(null, null);

        buildId.Should().Be(new BuildId("7"));
    }

    [Fact]
    public void The_task_of_the_runner_is_returned_as_it_is()
    {
        var task = Task.FromException<BuildId>(new TriggerOutcomeUnknownException());
        _runner.TriggerAsync(Arg.Any<BuildRequest>()).Returns(task);

        _runner.TriggerAsync([], []).Should().BeSameAs(task);
    }

    [Fact]
    public void A_null_change_is_refused_before_the_runner_is_called()
    {
        Action act = () => _ = _runner.TriggerAsync([null!], []);

        act.Should().Throw<ArgumentException>();
        _runner.ReceivedCalls().Should().BeEmpty();
    }

    [Fact]
    public void A_null_runner_is_refused()
    {
        Action act = () => _ = ((IBuildRunner)null!).TriggerAsync([], []);

        act.Should().Throw<ArgumentNullException>().WithParameterName("runner");
    }
}
