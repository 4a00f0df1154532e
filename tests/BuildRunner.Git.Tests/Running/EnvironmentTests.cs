namespace BuildRunner.Git.Tests.Running;

/// <summary>The environment of the command. It must contain nothing of <see cref="HostileEnvironment"/>.</summary>
[Slow]
public sealed class EnvironmentTests : IAsyncLifetime
{
    private static readonly string[] ByDefault = ["HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"];

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task It_is_exactly_what_the_options_list_and_what_the_runner_adds()
    {
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["env"];
            options.Environment.Clear();
            options.Environment["PATH"] = null;
            options.Environment["SET"] = "a = b ü";
            options.Environment["EMPTY"] = "";
            options.Environment["NOT_IN_THIS_PROCESS"] = null;
        });

        var build = await runner.BuildAsync();

        var variables = Parse(build);
        variables.Keys.Should().BeEquivalentTo("PATH", "SET", "EMPTY", "BUILDRUNNER_BUILD_ID", "BUILDRUNNER_COOKIE");
        variables["PATH"].Should().Be(Environment.GetEnvironmentVariable("PATH"));
        variables["SET"].Should().Be("a = b ü");
        variables["EMPTY"].Should().BeEmpty();
        variables["BUILDRUNNER_BUILD_ID"].Should().Be(build.Id.Value);
        variables["BUILDRUNNER_COOKIE"].Should().NotBeEmpty();
    }

    [TimedFact]
    public async Task By_default_it_has_what_a_tool_needs_and_nothing_else()
    {
        await using var runner = new TestRunner(_repository, static options => options.Command = ["env"]);

        var build = await runner.BuildAsync();

        var inherited = ByDefault
            .Where(static name => Environment.GetEnvironmentVariable(name) is not null);
        var variables = Parse(build);
        variables.Keys.Should().BeEquivalentTo(["CI", "BUILDRUNNER_BUILD_ID", "BUILDRUNNER_COOKIE", .. inherited]);
        variables["CI"].Should().Be("true");
        variables.Should().NotContainKey(HostileEnvironment.Secret);
    }

    private static Dictionary<string, string> Parse(FinishedBuild build) =>
        build.Lines.Select(static line => line.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
}
