using System.Diagnostics;
using System.Globalization;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A process of its own that uses the runner on a state directory. It is killed when it is disposed of.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "BuildRunner.Git.Host.dll");

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly SemaphoreSlim _asking = new(1, 1);

    private HostProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Starts the process. It does nothing until it is told to.</summary>
    public static HostProcess Start(TestRepository repository, string state, string[] command, string death = "-") =>
        Start([state, repository.Path, "1", death, .. command]);

    /// <summary>Starts one that has merged refs.</summary>
    public static HostProcess StartMerged(string state, string repository, string remote, string ci, string death = "-") => Start(["merged", state, repository, remote, ci, death]);

    /// <summary>Starts one that dies when it has taken a step for the first time.</summary>
    public static HostProcess Start(TestRepository repository, string state, string[] command, Step death) => Start(repository, state, command, $"{death}:1");

    /// <summary>Tells it to do something.</summary>
    /// <returns>The answer, or <see langword="null"/> where it has died.</returns>
    public async Task<string?> TryAskAsync(string line)
    {
        await _asking.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            await _process.StandardInput.FlushAsync();
            return await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Tells it to do something that it has an answer to.</summary>
    public async Task<string> AskAsync(string line)
    {
        var answer = await TryAskAsync(line);
        if (answer is null || answer.EndsWith("Exception", StringComparison.Ordinal))
        {
            _process.Kill();
            Assert.Fail($"{line}: {answer} {await _error}");
        }

        return answer;
    }

    public async Task<BuildId> TriggerAsync(string key = "") => new(await AskAsync($"trigger {key}".TrimEnd()));

    public Task WaitForDeathAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    /// <summary>Kills it, and it alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static HostProcess Start(string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _asking.Dispose();
    }
}
