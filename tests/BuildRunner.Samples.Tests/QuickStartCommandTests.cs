using CliWrap;

namespace BuildRunner.Samples.Tests;

/// <summary>Everything after two dashes belongs to the command, even if it looks like an option, and nothing else does.</summary>
[Slow]
public sealed class QuickStartCommandTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public static TheoryData<string> Arguments => ["--head", "--target", "--no-such-option", "--help", "--version", "-h", "--", "@file", ""];

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("head", ("head.txt", ""));
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [MemberData(nameof(Arguments))]
    public async Task Arguments_after_two_dashes_reach_the_command(string argument) => await ShouldReachAsync(argument, "x");

    /// <summary>The form in which <c>dotnet run -- make test</c> passes it on.</summary>
    [TimedTheory]
    [MemberData(nameof(Arguments))]
    public async Task Arguments_that_begin_with_the_program_are_the_command(string argument)
    {
        var arrived = _repository["arrived"];
        var dotnet = Cli.Wrap("dotnet")
            .WithWorkingDirectory(_repository.Path)
            .WithEnvironmentVariables(environment => environment.Set("HOME", _repository["home"]).Set("XDG_DATA_HOME", null));

        var result = await QuickStartProgram.RunAsync(dotnet, "sh", "-c", $"printf '%s\\n' \"$@\" > {arrived}", "sh", argument, "x");

        result.ExitCode.Should().Be(0, result.Error);
        File.ReadAllLines(arrived).Should().Equal(argument, "x");
    }

    [TimedFact]
    public async Task An_option_with_its_value_in_one_word_is_an_option()
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--head=head", "--target=main", "--", "test", "-e", "head.txt");

        result.ExitCode.Should().Be(0, result.Error);
    }

    [TimedFact]
    public async Task Help_before_the_command_is_an_option()
    {
        var result = await QuickStartProgram.RunAsync(_repository, "--help", "--", "touch", _repository["ran"]);

        result.ExitCode.Should().Be(0, result.Error);
        File.Exists(_repository["ran"]).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("--head")]
    [InlineData("--target")]
    public async Task An_option_at_the_end_without_its_value_is_refused(string option)
    {
        var result = await QuickStartProgram.RunAsync(_repository, option);

        result.ExitCode.Should().Be(2, result.Error);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ");
    }

    private async Task ShouldReachAsync(params string[] arguments)
    {
        var arrived = _repository["arrived"];
        var result = await QuickStartProgram.RunAsync(_repository, ["--", "sh", "-c", $"printf '%s\\n' \"$@\" > {arrived}", "sh", .. arguments]);

        result.ExitCode.Should().Be(0, result.Error);
        File.ReadAllLines(arrived).Should().Equal(arguments);
    }
}
