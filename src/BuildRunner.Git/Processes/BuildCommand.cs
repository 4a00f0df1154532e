using System.ComponentModel;
using System.Runtime.Versioning;
using BuildRunner.Git.Logs;

namespace BuildRunner.Git.Processes;

/// <summary>Runs the command of a build, and kills all of its processes when it has ended.</summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCommand(
    IReadOnlyList<string> command,
    IReadOnlyDictionary<string, string> environment,
    string directory,
    string cookie,
    TimeSpan gracePeriod,
    TimeProvider timeProvider)
{
    // How long to read output after the leader has ended, if one of its children still holds the pipe.
    private static readonly TimeSpan OutputGracePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Gets a value indicating whether processes of the command are left that could not be killed.</summary>
    public bool HasProcessesLeft { get; private set; }

    /// <summary>Runs the command until it ends.</summary>
    /// <param name="log">The log to write its output to.</param>
    /// <param name="started">A callback that gets the id of the command's first process. If it throws, the command is killed.</param>
    /// <param name="stopToken">Stops the command: SIGTERM to its group, SIGKILL after the grace period.</param>
    /// <returns>How the command ended by itself.</returns>
    /// <exception cref="CommandNotStartedException">The program could not be started.</exception>
    /// <exception cref="OperationCanceledException">The command was stopped.</exception>
    public async Task<ProcessEnd> RunAsync(BuildLog log, Action<int> started, CancellationToken stopToken)
    {
        using var child = Start();
        using var pump = new OutputPump(child.Output, log);
        ProcessEnd end;
        try
        {
            started(child.Id);
            await WaitOrStopAsync(child, stopToken).ConfigureAwait(false);
            if (!stopToken.IsCancellationRequested)
            {
                await pump.WaitForEndAsync(OutputGracePeriod, timeProvider).ConfigureAwait(false);
            }
        }
        finally
        {
            try
            {
                end = await EndAsync(child).ConfigureAwait(false);
            }
            finally
            {
                // Nothing else writes to the log after this.
                await pump.StopAsync().ConfigureAwait(false);
                if (HasProcessesLeft)
                {
                    log.Note("some processes of the command could not be killed");
                }
            }
        }

        stopToken.ThrowIfCancellationRequested();
        return end;
    }

    // Until the leader is reaped, its id belongs to its group and session and to no other process.
    private async Task<ProcessEnd> EndAsync(ChildProcess child)
    {
        child.Signal(Posix.SigKill);
        HasProcessesLeft = !await new BuildProcesses(cookie, child.Id).KillAsync().ConfigureAwait(false);
        await child.Ended.ConfigureAwait(false);
        return child.Reap();
    }

    private async Task WaitOrStopAsync(ChildProcess child, CancellationToken stopToken)
    {
        try
        {
            await child.Ended.WaitAsync(stopToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            child.Signal(Posix.SigTerm);
            try
            {
                await child.Ended.WaitAsync(gracePeriod, timeProvider, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                child.Signal(Posix.SigKill);
            }
        }
    }

    private ChildProcess Start()
    {
        var program = FindProgram();
        Dictionary<string, string> withCookie = new(environment, StringComparer.Ordinal) { [BuildCookie.Variable] = cookie };
        try
        {
            return ChildProcess.Start(program, command, withCookie, directory);
        }
        catch (Win32Exception exception)
        {
            var isOfTheChange = IsInWorkTree && Posix.IsErrorOfProgram(exception.NativeErrorCode);
            throw new CommandNotStartedException($"Could not start '{program}': {exception.Message}.", isOfTheChange, exception);
        }
    }

    private bool IsInWorkTree => command[0].Contains('/', StringComparison.Ordinal) && !Path.IsPathRooted(command[0]);

    // By the PATH of the command's environment; the system would use the PATH of this process.
    private string FindProgram()
    {
        if (command[0].Contains('/', StringComparison.Ordinal))
        {
            return command[0];
        }

        var path = environment.GetValueOrDefault("PATH", "");
        return path.Split(':')
            .Where(Path.IsPathRooted)
            .Select(entry => Path.Combine(entry, command[0]))
            .FirstOrDefault(static candidate => File.Exists(candidate) && (File.GetUnixFileMode(candidate) & AnyExecute) != 0)
            ?? throw new CommandNotStartedException(
                $"The program '{command[0]}' is in no directory of the command's PATH '{path}'.", inWorkTree: false);
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
