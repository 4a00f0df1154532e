using System.Diagnostics;
using CliWrap;

namespace BuildRunner.Servers;

/// <summary>A directory for the data of one server, owned by the account that the server runs as, which outlives neither its disposal nor this process.</summary>
/// <remarks>
/// A shell reads a pipe that only this process can write to. When the pipe closes, even because this process was killed, the shell stops the server and deletes the directory.
/// The signal on the parent's death would not do: it comes at the end of the thread that started the server, which is some thread of the pool.
/// </remarks>
internal sealed class ServerDirectory : IAsyncDisposable
{
    // A killed PostgreSQL leaves a segment of shared memory behind, which its lock file names.
    private const string Watch = """
        cat > /dev/null
        if test -s "$1/pid"; then
          pid=$(cat "$1/pid")
          kill -QUIT "$pid" && { for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" || break; sleep 0.1; done; kill -KILL "$pid"; }
        fi
        segment=$(sed -n '7s/.* //p' "$1/data/postmaster.pid") && test -n "$segment" && ipcrm -m "$segment"
        rm -rf "$1" || { sleep 1; rm -rf "$1"; }
        """;

    private readonly string? _account;
    private readonly Process _watchdog;

    private ServerDirectory(string path, string? account, Process watchdog)
    {
        Path = path;
        _account = account;
        _watchdog = watchdog;
    }

    /// <summary>Gets where it is.</summary>
    public string Path { get; }

    /// <summary>Gets the path of what is in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a directory.</summary>
    /// <param name="account">Who the server runs as when this process is root's, because the server refuses to be root.</param>
    /// <exception cref="ServerUnavailableException">There is no such account.</exception>
    public static async Task<ServerDirectory> CreateAsync(string account)
    {
        var path = Directory.CreateTempSubdirectory("buildrunner-server-").FullName;
        // In a session of its own: what interrupts the tests does not interrupt it.
        var watchdog = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"{{ {Watch}\n}} 2> /dev/null", "watchdog", path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        ServerDirectory directory = new(path, Environment.IsPrivilegedProcess ? account : null, watchdog);
        if (directory._account is not null)
        {
            var result = await Cli.Wrap("chown").WithArguments([$"{account}:", path]).WithValidation(CommandResultValidation.None).ExecuteAsync();
            if (!result.IsSuccess)
            {
                await directory.DisposeAsync();
                throw new ServerUnavailableException($"The tests run as root, the server does not, and there is no account '{account}' for it. Run the tests as another user, or add the account.");
            }
        }

        return directory;
    }

    /// <summary>Gets the command line that runs a program as the account.</summary>
    public IReadOnlyList<string> AsAccount(IEnumerable<string> command) =>
        _account is null ? [.. command] : ["setpriv", $"--reuid={_account}", $"--regid={_account}", "--clear-groups", .. command];

    /// <summary>Says which process is to be ended with the directory.</summary>
    public void Guard(int? process) => File.WriteAllText(this["pid"], process?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");

    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }
}
