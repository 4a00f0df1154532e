using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start in different surroundings.</summary>
[Slow]
public sealed class QuickStartSurroundingsTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("head", ("dir/head.txt", ""));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData(".")]
    [InlineData("dir")]
    public async Task A_user_who_has_nothing_yet_can_build_where_they_are(string directory)
    {
        var home = Directory.CreateDirectory(_repository["home"]).FullName;
        var dotnet = Cli.Wrap("dotnet")
            .WithWorkingDirectory(Path.Combine(_repository.Path, directory))
            .WithEnvironmentVariables(environment => environment.Set("HOME", home).Set("XDG_DATA_HOME", null));

        var result = await QuickStartProgram.RunAsync(dotnet, "--", "test", "-e", "dir/head.txt");

        result.ExitCode.Should().Be(0, result.Error);
        (await _repository.GitAsync("status", "--porcelain", "--ignored")).Should().BeEmpty();
        Directory.EnumerateDirectories(home, "repository.git", SearchOption.AllDirectories).Should().ContainSingle();
    }

    [TimedTheory]
    [InlineData("no-such-directory")]
    [InlineData("state")]
    public async Task What_is_no_repository_is_said_to_be_none(string directory)
    {
        Directory.CreateDirectory(_repository["state"]);

        var result = await QuickStartProgram.RunAsync(Cli.Wrap("dotnet"), "--repo", _repository[directory], "--", "true");

        result.ExitCode.Should().Be(2);
        result.Error.Trim().Should().Contain(_repository[directory]).And.NotContain("HEAD").And.NotContain("\n");
    }

    [TimedFact]
    public async Task What_git_has_put_into_the_environment_of_a_hook_names_no_other_repository()
    {
        using var other = await TestRepository.CreateAsync();
        var dotnet = Cli.Wrap("dotnet").WithEnvironmentVariables(environment => environment.Set("GIT_DIR", Path.Combine(other.Path, ".git")));

        var result = await QuickStartProgram.RunAsync(dotnet, "--repo", _repository.Path, "--state", _repository["state"], "--", "test", "-e", "dir/head.txt");

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain((await _repository.TipAsync("head"))[..10]);
    }

    [TimedTheory]
    [InlineData("git replace main $(git commit-tree main^{tree} -p head -m other)")]
    [InlineData("echo $(git rev-parse main) > .git/info/grafts")]
    public async Task What_stands_in_the_place_of_a_commit_is_not_taken_for_it(string script)
    {
        var parent = await _repository.TipAsync("main");
        await _repository.CommitAsync("main", ("dir/main.txt", ""));
        await _repository.ShellAsync(script);

        var result = await QuickStartProgram.RunAsync(_repository, "--head", "main", "--", "true");

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain($"({parent[..10]})");
    }

    [TimedFact]
    public async Task Without_a_command_a_repository_that_is_not_this_one_is_not_built()
    {
        var result = await QuickStartProgram.RunAsync(_repository);

        result.ExitCode.Should().Be(2);
        result.Error.Trim().Should().Contain("-- make test").And.NotContain("\n");
    }

    [TimedFact]
    public async Task A_revision_may_begin_with_an_at_sign()
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--target", "@~1", "--head", "@", "--", "true");

        result.ExitCode.Should().Be(0, result.Error);
    }

    [TimedFact]
    public async Task Without_git_it_says_so_in_a_sentence()
    {
        var path = Directory.CreateDirectory(_repository["path"]).FullName;
        var dotnet = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(static entry => Path.Combine(entry, "dotnet")).First(File.Exists);
        var link = File.CreateSymbolicLink(Path.Combine(path, "dotnet"), dotnet).FullName;

        var result = await QuickStartProgram.RunAsync(
            Cli.Wrap(link).WithEnvironmentVariables(environment => environment.Set("PATH", path)), "--repo", _repository.Path, "--state", _repository["state"], "--", "true");

        result.ExitCode.Should().Be(2, result.Error);
        result.Error.Should().Contain("git").And.NotContain("   at ").And.NotContain("Exception");
        result.Error.Trim().Should().NotContain("\n");
        result.Output.Should().BeEmpty();
    }
}
