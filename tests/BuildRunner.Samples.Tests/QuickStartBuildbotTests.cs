using System.Text.Json;

namespace BuildRunner.Samples.Tests;

/// <summary>The quick start on a real Buildbot: the same life as on this machine.</summary>
[Slow]
public sealed class QuickStartBuildbotTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private BuildbotServer _master = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        await _repository.CommitAsync("base", ("base.txt", ""));
        await _repository.CommitAsync("head", ("head.txt", ""));
        await _repository.CommitAsync("broken", ("broken.txt", ""));
        await _repository.CommitAsync("long", ("long.txt", ""));
        _master = await BuildbotServer.StartAsync(
            repository: _repository.Path,
            command: $"ls; if test -e long.txt; then echo > {_repository["started"]}; sleep 100000; fi; test -e target.txt -a ! -e broken.txt");
    }

    public async ValueTask DisposeAsync()
    {
        if (_master is not null)
        {
            await _master.DisposeAsync();
        }

        _repository.Dispose();
    }

    [TimedFact]
    public async Task A_head_that_passes_is_shown_through_its_life()
    {
        var result = await RunAsync("--json", "--base", "base", "--head", "head");

        result.ExitCode.Should().Be(0, result.Error);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Select(static line => line.GetProperty("id").GetString()).Distinct().Should().ContainSingle().Which.Should().MatchRegex("^[0-9]+$");
        lines[^1].GetProperty("status").GetString().Should().Be("succeeded");
        lines[^1].GetProperty("metadata").GetProperty("native_state").GetString().Should().Be("success");
    }

    [TimedFact]
    public async Task A_head_that_fails_is_shown_with_the_end_of_its_log()
    {
        var result = await RunAsync("--head", "broken");

        result.ExitCode.Should().Be(1, result.Error);
        result.Snapshot["failure_kind"].Should().Be("code");
        result.Output.Should().Contain("| broken.txt\n");
    }

    [TimedFact]
    public async Task A_signal_cancels_the_build()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        var program = QuickStartProgram.Start(_repository, [.. Master, "--head", "long"]);
        await started.ReadLineAsync();

        await program.SignalAsync("INT");
        var result = await program.Ended;

        result.ExitCode.Should().Be(3, result.Error);
        result.Snapshot.Should().ContainKey("Cancelled");
    }

    private string[] Master => ["--runner", "buildbot", "--url", _master.Url.AbsoluteUri];

    private Task<SampleProgram.Result> RunAsync(params string[] arguments) => QuickStartProgram.RunAsync(_repository, [.. Master, .. arguments]);
}
