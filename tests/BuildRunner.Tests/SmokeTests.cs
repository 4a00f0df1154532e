namespace BuildRunner.Tests;

public sealed class SmokeTests
{
    [Fact]
    public async Task A_noop_build_has_succeeded()
    {
        var runner = new NoopBuildRunner();

        var buildId = await runner.TriggerAsync([], []);

        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }
}
