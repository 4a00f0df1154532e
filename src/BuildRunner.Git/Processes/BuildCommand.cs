using System.ComponentModel;
using System.Runtime.Versioning;
using BuildRunner.Git.Logs;

namespace BuildRunner.Git.Processes;

/// <summary>Runs the command of a build, and sees to it that nothing of it is left when it has ended.</summary>
[SupportedOSPlatform("linux")]
internal sealed class BuildCommand(
    IReadOnlyList<string> command,
    IReadOnlyDictionary<string, string> environment,
    string directory,
    string cookie,
    TimeSpan gracePeriod,
    TimeProvider timeProvider)
{
    // How long the output may go on after the leader has ended, where something that it started holds the pipe.
    private static readonly TimeSpan OutputGracePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Gets a value indicating whether some processes of the command could not be killed.</summary>
    public bool HasLeftProcesses { get; private set; }

    /// <summary>Runs the command to its end.</summary>
    /// <param name="log">Where its output goes.</param>
    /// <param name="started">Is told the number of its first process. What it throws ends the command.</param>
    /// <param name="stopToken">Stops it: SIGTERM to its group, SIGKILL after the grace period.</param>
    /// <returns>How it has ended, by nothing that this process has sent.</returns>
    /// <exception cref="CommandNotStartedException">The program could not be started.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
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
                // After this nobody else writes to the log.
                await pump.StopAsync().ConfigureAwait(false);
                if (HasLeftProcesses)
                {
                    log.Note("some processes of the command could not be killed");
                }
            }
        }

        stopToken.ThrowIfCancellationRequested();
        return end;
    }

    // While the leader is not reaped its number is that of its group and session, and nobody else's.
    private async Task<ProcessEnd> EndAsync(ChildProcess child)
    {
        child.Signal(Posix.SigKill);
        HasLeftProcesses = !await new BuildProcesses(cookie, child.Id).KillAsync().ConfigureAwait(false);
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
            throw new CommandNotStartedException($"'{program}' could not be started: {exception.Message}.", isOfTheChange, exception);
        }
    }

    private bool IsInWorkTree => command[0].Contains('/', StringComparison.Ordinal) && !Path.IsPathRooted(command[0]);

    // The PATH of the command's own environment, not of this process, which the system would use.
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
            ?? throw new CommandNotStartedException($"The program '{command[0]}' is in no directory of the PATH '{path}' that the command is given.", inWorkTree: false);
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
