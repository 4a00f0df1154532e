using System.Globalization;
using System.Runtime.Versioning;

namespace BuildRunner.Git.Processes;

/// <summary>Represents the end of a process.</summary>
/// <param name="ExitCode">The exit code, or 0 if a signal ended the process.</param>
/// <param name="Signal">The signal that ended the process, or 0. A shell that reports a signal of its child has an exit code
/// instead.</param>
[SupportedOSPlatform("linux")]
internal readonly record struct ProcessEnd(int ExitCode, int Signal)
{
    public bool IsSuccess => this == default;

    /// <summary>Gets a value indicating whether the signal asked the program to end. A crash has another signal.</summary>
    public bool IsRequested => Signal is Posix.SigHangup or Posix.SigInterrupt or Posix.SigQuit or Posix.SigKill or Posix.SigTerm;

    /// <inheritdoc/>
    public override string ToString() => Signal == 0
        ? string.Create(CultureInfo.InvariantCulture, $"with exit code {ExitCode}")
        : string.Create(CultureInfo.InvariantCulture, $"by signal {Signal} ({NameOf(Signal)})");

    // signal(7), on x64 and arm64.
    private static string NameOf(int signal) => signal switch
    {
        Posix.SigHangup => "SIGHUP",
        Posix.SigInterrupt => "SIGINT",
        Posix.SigQuit => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        Posix.SigKill => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        Posix.SigTerm => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => "see signal(7)",
    };
}
