using System.IO.Pipes;

namespace BuildRunner.Git.Tests.Running;

[Slow]
public sealed class CommandTests : IAsyncLifetime
{
    // Signals 32 and 33, which no program can set.
    private const long OfTheCLibrary = 0x1_8000_0000;

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task A_program_of_the_change_that_the_machine_cannot_start_is_not_the_fault_of_the_change()
    {
        await _repository.CommitScriptAsync(TestRepository.Main, "printf '#!/bin/sh\n' > build.sh; chmod +x build.sh");
        await using TestRunner runner = new(_repository, static options =>
        {
            options.Command = ["./build.sh"];

            // More than one string may have: execve(2).
            options.Environment["LARGE"] = new string('x', 200_000);
        });

        var build = await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Infra, build.Log);
    }

    [TimedFact]
    public async Task A_command_that_ends_with_zero_has_succeeded()
    {
        var build = await RunAsync("true");

        build.Status.Should().Be(BuildStatus.Succeeded);
        build.FailureKind.Should().BeNull();
        build.Log.Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_command_that_ends_with_another_code_has_failed_because_of_the_code()
    {
        var build = await RunAsync("sh", "-c", "exit 42");

        ShouldFail(build, BuildFailureKinds.Code);
        build.Commit.Should().Be(await _repository.TipAsync());
        build.FailedSide.Should().BeNull();
        build.Log.Should().Contain("42");
    }

    [TimedTheory]
    [InlineData("no-such-program-anywhere")]
    [InlineData("/no/such/program")]
    [InlineData("/")]
    public async Task A_program_that_is_not_on_the_machine_is_a_fault_of_the_machine(string program)
    {
        var build = await RunAsync(program);

        ShouldFail(build, BuildFailureKinds.Infra);
        build.Log.Should().Contain(program);
    }

    [TimedTheory]
    [InlineData("./no-such-script.sh")]
    [InlineData("no/such/script.sh")]
    [InlineData("./target.txt")]
    public async Task A_script_that_the_tree_does_not_have_is_a_fault_of_the_code(string program)
    {
        var build = await RunAsync(program);

        ShouldFail(build, BuildFailureKinds.Code);
        build.Log.Should().Contain(program);
    }

    [TimedFact]
    public async Task A_script_of_the_tree_is_run()
    {
        await _repository.CommitScriptAsync(TestRepository.Main, "mkdir ci; printf '#!/bin/sh\\necho from the script\\n' > ci/build; chmod +x ci/build");

        var build = await RunAsync("ci/build");

        build.Lines.Should().Equal("from the script");
    }

    [TimedFact]
    public async Task A_program_is_looked_up_in_the_path_of_the_environment_that_it_is_given()
    {
        var directory = WriteProgram("bin", "from the path");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, WriteProgram("relative", "from beside this process"));
        await using var runner = new TestRunner(_repository, options =>
        {
            options.Command = ["ls"];
            options.Environment["PATH"] = $".:{relative}::{_repository["no-such-directory"]}:{directory}:/usr/bin:/bin";
        });

        var build = await runner.BuildAsync();

        build.Lines.Should().Equal("from the path");
    }

    [TimedFact]
    public async Task What_comes_out_of_both_outputs_is_in_the_log_in_order()
    {
        var build = await RunAsync("sh", "-c", "echo one; echo two >&2; echo three");

        build.Lines.Should().Equal("one", "two", "three");
    }

    [TimedFact]
    public async Task No_signal_is_ignored_or_blocked()
    {
        var build = await RunAsync("grep", "-E", "^Sig(Ign|Blk):", "/proc/self/status");

        var masks = build.Lines.Select(static line => Convert.ToInt64(line.Split('\t')[1], 16) & ~OfTheCLibrary);
        masks.Should().Equal(0, 0);
    }

    [TimedFact]
    public async Task No_descriptor_of_this_process_is_inherited()
    {
        await using AnonymousPipeServerStream inheritable = new(PipeDirection.Out, HandleInheritability.Inheritable);

        // Tests beside this one open what .NET lets children inherit, such as a watcher, also between the look and the start. That is gone the next time.
        List<IEnumerable<string>> seen = [];
        for (var build = 0; build < 3; build++)
        {
            seen.Add((await RunAsync("ls", "/proc/self/fd")).Lines);
        }

        seen.Aggregate(Enumerable.Intersect).Should().Equal("0", "1", "2", "3");
    }

    [TimedFact]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] arguments = ["a b", "\"q\"", "it's", "*", "$HOME", "`id`", "back\\slash", "", "ünï", "-x", "two\nlines", ";", "~"];

        var build = await RunAsync(["printf", "[%s]", .. arguments]);

        build.Log.Should().Be(string.Concat(arguments.Select(static argument => $"[{argument}]")));
    }

    [TimedFact]
    public async Task It_runs_in_the_root_of_the_tree_where_git_sees_the_commit_that_is_built()
    {
        var head = await _repository.CommitAsync("head", ("dir/head.txt", ""));
        await using var runner = new TestRunner(_repository, static options => options.Command =
            ["sh", "-c", "pwd -P; git rev-parse --show-toplevel HEAD; git status --porcelain --ignored; git log -1 --format=%an; git ls-files"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().HaveCount(6);
        build.Lines[1].Should().Be(build.Lines[0]);
        build.Lines[2..].Should().Equal(build.Commit, "BuildRunner", "dir/head.txt", "target.txt");
    }

    private string WriteProgram(string directory, string output)
    {
        var file = Path.Combine(Directory.CreateDirectory(_repository[directory]).FullName, "ls");
        File.WriteAllText(file, $"#!/bin/sh\necho {output}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return _repository[directory];
    }

    private async Task<FinishedBuild> RunAsync(params string[] command)
    {
        await using var runner = new TestRunner(_repository, options => options.Command = command);
        return await runner.BuildAsync();
    }

    private static void ShouldFail(FinishedBuild build, string failureKind)
    {
        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(failureKind);
    }
}
