namespace BuildRunner.Tests.Waiting;

public sealed class WaitArgumentTests
{
    private static readonly BuildId Build = new("7");

    [Fact]
    public void Waiting_on_a_null_runner_is_refused_before_there_is_a_task()
    {
        Action act = () => _ = ((IBuildRunner)null!).WaitForCompletionAsync(Build);

        act.Should().Throw<ArgumentNullException>().WithParameterName("runner");
    }

    [Fact]
    public void Watching_a_null_runner_is_refused_before_the_enumeration()
    {
        Action act = () => _ = ((IBuildRunner)null!).WatchAsync(Build);

        act.Should().Throw<ArgumentNullException>().WithParameterName("runner");
    }

    [Fact]
    public void Waiting_for_the_default_id_is_refused_before_there_is_a_task()
    {
        Action act = () => _ = new NoopBuildRunner().WaitForCompletionAsync(default);

        act.Should().ThrowExactly<ArgumentException>().WithParameterName("buildId");
    }

    [Fact]
    public void Watching_the_default_id_is_refused_before_the_enumeration()
    {
        Action act = () => _ = new NoopBuildRunner().WatchAsync(default);

        act.Should().ThrowExactly<ArgumentException>().WithParameterName("buildId");
    }

    [Fact]
    public async Task Waiting_needs_no_options()
    {
        (await new NoopBuildRunner().WaitForCompletionAsync(Build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task Watching_needs_no_options()
    {
        (await new NoopBuildRunner().WatchAsync(Build).ToListAsync()).Should().ContainSingle().Which.Status.Should().Be(BuildStatus.Succeeded);
    }
}
