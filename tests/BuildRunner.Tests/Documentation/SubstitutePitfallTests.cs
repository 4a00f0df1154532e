using NSubstitute.Exceptions;

namespace BuildRunner.Tests.Documentation;

/// <summary>The pitfalls of substitutes that are not fully set up, as documented.</summary>
public sealed class SubstitutePitfallTests
{
    private readonly IBuildRunner _runner = Substitute.For<IBuildRunner>();

    [Fact]
    public async Task A_trigger_that_was_not_configured_gives_a_default_id()
    {
        (await _runner.TriggerAsync([], [])).IsDefault.Should().BeTrue();
    }

    [Fact]
    public async Task A_status_that_was_not_configured_gives_no_snapshot()
    {
        (await _runner.StatusAsync(new BuildId("42"))).Should().BeNull();
    }

    [Fact]
    public async Task Waiting_on_a_status_that_was_not_configured_says_so()
    {
        Func<Task> act = () => _runner.WaitForCompletionAsync(new BuildId("42"));

        await act.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public void Arg_Any_cannot_be_used_with_the_three_argument_trigger()
    {
        Action act = () => _runner.TriggerAsync(Arg.Any<IReadOnlyList<Change>>(), Arg.Any<IReadOnlyList<Change>>(), Arg.Any<BuildMetadata>()).Returns(new BuildId("42"));

        act.Should().Throw<RedundantArgumentMatcherException>();
    }

    [Fact]
    public async Task The_request_can_be_matched_in_its_place()
    {
        _runner.TriggerAsync(Arg.Is<BuildRequest>(request => request.Head.Count == 1), Arg.Any<CancellationToken>()).Returns(new BuildId("42"));

        var buildId = await _runner.TriggerAsync([], [new Change("git://host/repo/main/1")]);

        buildId.Should().Be(new BuildId("42"));
    }
}
