using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>Processes in sessions of their own. A worker gives each build a process group, but all of them stay in its session, so they end with it.</summary>
/// <remarks>A shell reads a pipe that only this process can write to. When the pipe closes, even because this process was killed, the shell ends the sessions and deletes the directory.</remarks>
internal sealed partial class ServerSessions : IAsyncDisposable
{
    private const int Sigkill = 9;

    // Only members of a session are killed: the number of one that has ended may be that of somebody else's process by now.
    private const string Watch = """
        cat > /dev/null
        while read -r session; do
            cat /proc/[0-9]*/stat | sed -n "s/^\([0-9]*\) (.*) . [0-9]* [0-9]* $session .*/\1/p" | xargs -r kill -KILL
        done < "$1/sessions"
        rm -rf "$1" || { sleep 1; rm -rf "$1"; }
        """;

    private readonly Process _watchdog;

    public ServerSessions()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("buildrunner-buildbot-").FullName;
        File.WriteAllText(Path.Combine(Directory, "sessions"), "");
        _watchdog = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", $"{{ {Watch}\n}} 2> /dev/null", "watchdog", Directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Gets the directory, which goes with the sessions.</summary>
    public string Directory { get; }

    public Process Start(string directory, IReadOnlyDictionary<string, string?> variables, params string[] command)
    {
        ProcessStartInfo start = new("setsid", command)
        {
            WorkingDirectory = Path.Combine(Directory, directory),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        File.AppendAllText(Path.Combine(Directory, "sessions"), string.Create(CultureInfo.InvariantCulture, $"{process.Id}\n"));
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Kills a process and its session, as the end of a machine does.</summary>
    public static async Task KillAsync(Process? leader)
    {
        if (leader is null)
        {
            return;
        }

        if (!leader.HasExited)
        {
            _ = Signal(leader.Id, Sigkill);
        }

        foreach (var process in MembersOf(leader.Id))
        {
            _ = Signal(process, Sigkill);
        }

        await leader.WaitForExitAsync();
    }

    /// <summary>Finds the processes of a session, its leader among them.</summary>
    public static IReadOnlyList<int> MembersOf(int session)
    {
        List<int> members = [];
        foreach (var directory in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && SessionOf(directory) == session)
            {
                members.Add(process);
            }
        }

        return members;
    }

    public async ValueTask DisposeAsync()
    {
        _watchdog.StandardInput.Close();
        await _watchdog.WaitForExitAsync();
        _watchdog.Dispose();
    }

    private static int? SessionOf(string directory)
    {
        try
        {
            // "1 (name) S parent group session", and the name may have anything in it. A zombie is gone already.
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
